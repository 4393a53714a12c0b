using System.Text.Json.Nodes;
using Athanor.Tokenization;
using Athanor.Tokenization.Files;

namespace Athanor.Conformance.Tokenizers;

/// <summary>The vocabulary in a GGUF file, against llama.cpp.</summary>
public sealed class GgufVocabularyKind : IConformanceKind
{
    public string Kind => "gguf-vocabulary";

    public IReadOnlyList<Precision> Precisions => [Precision.Fp32];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        using TokenizerCase files = new(reference);
        Tokenizer tokenizer = new(GgufVocabulary.Open(files.Unpack("vocabulary")));
        files.Answer(results, "encode", row => Encode(tokenizer, files.TextOf(row), row), "s", "text");
        files.Answer(results, "pairs", row => new JsonObject { ["ids"] = TokenizerCase.Numbers(Ids(tokenizer, files.TextOf(row), false)) }, "text");
    }

    private static JsonObject Encode(Tokenizer tokenizer, string text, JsonObject row)
    {
        int[] ids = Ids(tokenizer, text, withSpecial: false);
        if (row.ContainsKey("ids_runs"))
        {
            return new JsonObject { ["ids_runs"] = TokenizerCase.Runs(ids) };
        }

        // What equals another member is left out of a row
        JsonObject answer = new() { ["ids"] = TokenizerCase.Numbers(ids) };
        int[] parsed = Ids(tokenizer, text, withSpecial: true);
        if (!parsed.AsSpan().SequenceEqual(ids))
        {
            answer["parsed"] = TokenizerCase.Numbers(parsed);
        }

        string decoded = tokenizer.Decode(parsed, skipSpecialTokens: false);
        if (decoded != text)
        {
            answer["decoded"] = decoded;
        }

        return answer;
    }

    private static int[] Ids(Tokenizer tokenizer, string text, bool withSpecial)
    {
        int[] ids = withSpecial ? tokenizer.EncodeWithSpecialTokens(text) : tokenizer.Encode(text);
        if (withSpecial && !ids.SequenceEqual(tokenizer.EncodeText(text, addSpecialTokens: false).Ids))
        {
            throw new InvalidDataException("the fast encoder gives other ids than the model");
        }

        return ids;
    }
}
