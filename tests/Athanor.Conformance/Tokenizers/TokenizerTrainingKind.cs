using System.Text;
using System.Text.Json.Nodes;
using Athanor.Tokenization.SentencePiece;
using Athanor.Tokenization.Training;

namespace Athanor.Conformance.Tokenizers;

/// <summary>Trains a tokenizer on the case's corpus and compares vocabulary, rules or pieces, and how well a unigram model fits the corpus.</summary>
public sealed class TokenizerTrainingKind : IConformanceKind
{
    public string Kind => "train";

    public IReadOnlyList<Precision> Precisions => [Precision.Fp32];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        using TokenizerCase input = new(reference);
        string corpus = Encoding.UTF8.GetString(input.Read("corpus"));
        switch (reference.Parameters["trainer"]!.GetValue<string>())
        {
            case "sentencepiece":
                TrainSentencePiece(reference, input, corpus, results);
                break;
            case string other:
                throw new NotSupportedException($"no trainer {other}");
        }
    }

    private static void TrainSentencePiece(ReferenceCase reference, TokenizerCase input, string corpus, CaseResults results)
    {
        TrainerSpec spec = new();
        NormalizerSpec normalizer = new() { Name = "nmt_nfkc" };
        foreach ((string name, JsonNode? value) in reference.Parameters["options"]!.AsObject())
        {
            Set(spec, normalizer, name, value!, input);
        }

        string[] lines = corpus.Split('\n');
        TrainingResources resources = new() { Threads = 2 };
        SentencePieceFile file = SentencePieceTrainer.Train(lines, spec, normalizer, resources, CancellationToken.None);
        results.AddValue("pieces", new JsonArray([.. file.Pieces.Select((piece, id) => (JsonNode)new JsonObject { ["id"] = id, ["piece"] = piece.Text, ["score"] = piece.Score })]));
        if (reference.ExpectedValues.ContainsKey("nll_per_character"))
        {
            SentencePieceModel model = new(file);
            results.AddValue("nll_per_character", -lines.Sum(model.Score) / lines.Sum(line => (long)line.EnumerateRunes().Count()));
        }
    }

    private static void Set(TrainerSpec spec, NormalizerSpec normalizer, string name, JsonNode value, TokenizerCase input)
    {
        switch (name)
        {
            case "model_type":
                spec.ModelType = value.GetValue<string>() switch
                {
                    "unigram" => ModelType.Unigram,
                    "bpe" => ModelType.BytePairs,
                    "word" => ModelType.Words,
                    "char" => ModelType.Characters,
                    string other => throw new NotSupportedException($"no model type {other}"),
                };
                break;
            case "vocab_size":
                spec.VocabularySize = value.GetValue<int>();
                break;
            case "character_coverage":
                spec.CharacterCoverage = value.GetValue<float>();
                break;
            case "max_sentence_length":
                spec.MaximumSentenceLength = value.GetValue<int>();
                break;
            case "max_sentencepiece_length":
                spec.MaximumPieceLength = value.GetValue<int>();
                break;
            case "seed_sentencepiece_size":
                spec.SeedPieceSize = value.GetValue<int>();
                break;
            case "shrinking_factor":
                spec.ShrinkingFactor = value.GetValue<float>();
                break;
            case "num_sub_iterations":
                spec.SubIterations = value.GetValue<int>();
                break;
            case "split_by_whitespace":
                spec.SplitByWhitespace = value.GetValue<bool>();
                break;
            case "split_by_unicode_script":
                spec.SplitByUnicodeScript = value.GetValue<bool>();
                break;
            case "split_by_number":
                spec.SplitByNumber = value.GetValue<bool>();
                break;
            case "split_digits":
                spec.SplitDigits = value.GetValue<bool>();
                break;
            case "treat_whitespace_as_suffix":
                spec.TreatWhitespaceAsSuffix = value.GetValue<bool>();
                break;
            case "allow_whitespace_only_pieces":
                spec.AllowWhitespaceOnlyPieces = value.GetValue<bool>();
                break;
            case "byte_fallback":
                spec.ByteFallback = value.GetValue<bool>();
                break;
            case "hard_vocab_limit":
                spec.HardVocabularyLimit = value.GetValue<bool>();
                break;
            case "use_all_vocab":
                spec.UseAllVocabulary = value.GetValue<bool>();
                break;
            case "required_chars":
                spec.RequiredCharacters = value.GetValue<string>();
                break;
            case "user_defined_symbols":
                spec.UserDefinedSymbols = [.. value.AsArray().Select(symbol => symbol!.GetValue<string>())];
                break;
            case "control_symbols":
                spec.ControlSymbols = [.. value.AsArray().Select(symbol => symbol!.GetValue<string>())];
                break;
            case "unk_id":
                spec.UnknownId = value.GetValue<int>();
                break;
            case "bos_id":
                spec.BeginningId = value.GetValue<int>();
                break;
            case "eos_id":
                spec.EndId = value.GetValue<int>();
                break;
            case "pad_id":
                spec.PaddingId = value.GetValue<int>();
                break;
            case "unk_piece":
                spec.UnknownPiece = value.GetValue<string>();
                break;
            case "bos_piece":
                spec.BeginningPiece = value.GetValue<string>();
                break;
            case "eos_piece":
                spec.EndPiece = value.GetValue<string>();
                break;
            case "pad_piece":
                spec.PaddingPiece = value.GetValue<string>();
                break;
            case "unk_surface":
                spec.UnknownSurface = value.GetValue<string>();
                break;
            case "add_dummy_prefix":
                normalizer.AddDummyPrefix = value.GetValue<bool>();
                break;
            case "remove_extra_whitespaces":
                normalizer.RemoveExtraWhitespaces = value.GetValue<bool>();
                break;
            case "normalization_rule_name":
                normalizer.Name = value.GetValue<string>();
                break;
            case "normalization_rule_tsv":
                normalizer.Name = "user_defined";
                normalizer.PrecompiledMap = Rules(Encoding.UTF8.GetString(input.Read("rules")));
                break;
            default:
                throw new NotSupportedException($"no option {name}");
        }
    }

    /// <summary>Rules as SentencePiece's files write them: code points in hexadecimal, a tab, code points.</summary>
    private static byte[] Rules(string text)
    {
        static string Decode(string codes) => string.Concat(codes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(code => char.ConvertFromUtf32(Convert.ToInt32(code, 16))));
        return Tokenization.Unigrams.PrecompiledMap.Build(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r').Split('\t'))
            .Select(fields => KeyValuePair.Create(Decode(fields[0]), fields.Length > 1 ? Decode(fields[1]) : ""))).Bytes.ToArray();
    }
}
