using System.Text.Json.Nodes;
using Athanor.Tokenization;
using Athanor.Tokenization.Files;

namespace Athanor.Conformance.Tokenizers;

/// <summary>A BERT vocab.txt.</summary>
public sealed class WordPieceVocabularyKind : IConformanceKind
{
    public string Kind => "wordpiece-vocab";

    public IReadOnlyList<Precision> Precisions => [Precision.Fp64];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        using TokenizerCase input = new(reference);
        WordPieceFileOptions options = new();
        foreach ((string name, JsonNode? value) in input.Parameters)
        {
            options = name switch
            {
                "do_lower_case" => options with { Lowercase = value!.GetValue<bool>() },
                "strip_accents" => options with { StripAccents = value?.GetValue<bool>() },
                "tokenize_chinese_chars" => options with { TokenizeChineseCharacters = value!.GetValue<bool>() },
                "special_tokens" => options with { SpecialTokens = [.. value!.AsArray().Select(token => token!.GetValue<string>())] },
                _ => throw new InvalidDataException($"unknown parameter {name}"),
            };
        }

        EncodingRows.Answer(input, results, Tokenizer.LoadWordPieces(input.Unpack("vocab"), options));
    }
}
