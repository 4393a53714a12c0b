using System.Text.Json.Nodes;
using Athanor.Tokenization;
using Athanor.Tokenization.Files;

namespace Athanor.Conformance.Tokenizers;

/// <summary>A vocab.json with a merges.txt: GPT-2, RoBERTa, and words with a suffix.</summary>
public sealed class VocabularyMergesKind : IConformanceKind
{
    public string Kind => "gpt2-vocab-merges";

    public IReadOnlyList<Precision> Precisions => [Precision.Fp64];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        using TokenizerCase input = new(reference);
        EncodingRows.Answer(input, results, Open(input));
    }

    internal static Tokenizer Open(TokenizerCase input)
    {
        BytePairFileOptions options = new() { SpecialTokens = [] };
        foreach ((string name, JsonNode? value) in input.Parameters)
        {
            options = name switch
            {
                "byte_level" => options with { ByteLevel = value!.GetValue<bool>() },
                "add_prefix_space" => options with { AddPrefixSpace = value!.GetValue<bool>() },
                "end_of_word_suffix" => options with { EndOfWordSuffix = value?.GetValue<string>() },
                "lowercase" => options with { Lowercase = value!.GetValue<bool>() },
                "unk_token" => options with { UnknownToken = value?.GetValue<string>() },
                "special_tokens" => options with { SpecialTokens = [.. value!.AsArray().Select(token => token!.GetValue<string>())] },
                "template" => options with { RobertaTemplate = value?.GetValue<string>() switch { null => false, "roberta" => true, string other => throw new InvalidDataException($"unknown template {other}") } },
                "skip_special_tokens" => options,
                _ => throw new InvalidDataException($"unknown parameter {name}"),
            };
        }

        return Tokenizer.LoadBytePairs(input.Unpack("vocab"), input.Unpack("merges"), options);
    }
}
