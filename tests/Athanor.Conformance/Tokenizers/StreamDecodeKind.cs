using System.Text.Json.Nodes;
using Athanor.Tokenization;

namespace Athanor.Conformance.Tokenizers;

/// <summary>Ids that arrive one by one: the text that may be shown after each.</summary>
public sealed class StreamDecodeKind : IConformanceKind
{
    public string Kind => "stream-decode";

    public IReadOnlyList<Precision> Precisions => [Precision.Fp64];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        using TokenizerCase input = new(reference);
        Tokenizer tokenizer = input.Has("tokenizer") ? TokenizerJsonKind.Open(input) : VocabularyMergesKind.Open(input);
        bool skip = input.Parameters["skip_special_tokens"]!.GetValue<bool>();
        input.Answer(
            results,
            "streams",
            row =>
            {
                StreamingDecoder decoder = tokenizer.OpenDecoder(skip);
                return new JsonObject
                {
                    ["emitted"] = TokenizerCase.Texts([.. TokenizerCase.Ids(row["ids"]!).Select(decoder.Append)]),
                    ["flush"] = decoder.Flush(),
                };
            },
            "ids");
    }
}
