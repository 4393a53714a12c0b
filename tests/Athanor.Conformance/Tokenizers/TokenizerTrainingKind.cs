using System.Text;
using System.Text.Json.Nodes;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Files;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.SentencePiece;
using Athanor.Tokenization.Training;
using Athanor.Tokenization.Unigrams;

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
            case "huggingface":
                TrainHuggingFace(reference, corpus, results);
                break;
            case string other:
                throw new NotSupportedException($"no trainer {other}");
        }
    }

    private static void TrainHuggingFace(ReferenceCase reference, string corpus, CaseResults results)
    {
        // A file whose model is of no account gives normalizer and pre-tokenizer
        JsonObject file = reference.Parameters["tokenizer"]!.DeepClone().AsObject();
        file["version"] = "1.0";
        file["model"] = new JsonObject { ["type"] = "WordLevel", ["vocab"] = new JsonObject { ["?"] = 0 }, ["unk_token"] = "?" };
        TokenizerPipeline pipeline = TokenizerJsonReader.Read(Encoding.UTF8.GetBytes(file.ToJsonString()), reference.Name);
        TrainingResources resources = new() { Threads = 2 };
        using WordList words = PipelineWords.Count(LinesWithEnds(corpus), pipeline.Normalizer, pipeline.PreTokenizer, resources, CancellationToken.None);
        JsonObject options = reference.Parameters["options"]!.AsObject();
        switch (reference.Parameters["model"]!.GetValue<string>())
        {
            case "BPE":
                (IReadOnlyList<string> tokens, IReadOnlyList<Merge> merges) = BytePairLearner.Learn(words, BytePairs(options, null));
                results.AddValue("vocab", tokens);
                results.AddValue("merges", merges.Select(merge => (string[])[tokens[merge.Left], tokens[merge.Right]]));
                break;
            case "WordPiece":
                results.AddValue("vocab", BytePairLearner.Learn(words, BytePairs(options, "##")).Tokens.Order(StringComparer.Ordinal));
                break;
            case "WordLevel":
                BytePairTrainingOptions level = BytePairs(options, null);
                results.AddValue("vocab", WordLevelTrainer.Learn(words, level.VocabularySize, level.LeastFrequency, level.SpecialTokens));
                break;
            case "Unigram":
                IReadOnlyList<(string Piece, double Score)> pieces = UnigramTrainer.Learn(words, Unigrams(options), resources, CancellationToken.None);
                results.AddValue("pieces", pieces.Select(piece => (object[])[piece.Piece, piece.Score]));
                results.AddValue("nll_per_character", NegativeLogLikelihood(words, pieces));
                break;
            case string other:
                throw new NotSupportedException($"no model {other}");
        }
    }

    private static IEnumerable<string> LinesWithEnds(string text)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = text.IndexOf('\n', start) is int found and >= 0 ? found + 1 : text.Length;
            yield return text[start..end];
            start = end;
        }
    }

    private static BytePairTrainingOptions BytePairs(JsonObject options, string? prefix)
    {
        BytePairTrainingOptions result = new() { ContinuingPrefix = prefix };
        foreach ((string name, JsonNode? value) in options)
        {
            result = name switch
            {
                "vocab_size" => result with { VocabularySize = value!.GetValue<int>() },
                "min_frequency" => result with { LeastFrequency = value!.GetValue<long>() },
                "special_tokens" => result with { SpecialTokens = Texts(value!) },
                "limit_alphabet" => result with { AlphabetLimit = value?.GetValue<int>() },
                "initial_alphabet" => result with { InitialAlphabet = Texts(value!) },
                "continuing_subword_prefix" => result with { ContinuingPrefix = value?.GetValue<string>() },
                "end_of_word_suffix" => result with { WordSuffix = value?.GetValue<string>() },
                "max_token_length" => result with { LongestToken = value?.GetValue<int>() },
                _ => throw new NotSupportedException($"no option {name}"),
            };
        }

        return result;
    }

    private static UnigramTrainingOptions Unigrams(JsonObject options)
    {
        UnigramTrainingOptions result = new();
        foreach ((string name, JsonNode? value) in options)
        {
            result = name switch
            {
                "vocab_size" => result with { VocabularySize = value!.GetValue<int>() },
                "n_sub_iterations" => result with { SubIterations = value!.GetValue<int>() },
                "shrinking_factor" => result with { ShrinkingFactor = value!.GetValue<double>() },
                "max_piece_length" => result with { LongestPiece = value!.GetValue<int>() },
                "seed_size" => result with { SeedSize = value!.GetValue<int>() },
                "special_tokens" => result with { SpecialTokens = Texts(value!) },
                "initial_alphabet" => result with { InitialAlphabet = Texts(value!) },
                "unk_token" => result with { UnknownToken = value?.GetValue<string>() },
                _ => throw new NotSupportedException($"no option {name}"),
            };
        }

        return result;
    }

    private static string[] Texts(JsonNode list) => [.. list.AsArray().Select(item => item is JsonObject token ? token["content"]!.GetValue<string>() : item!.GetValue<string>())];

    private static double NegativeLogLikelihood(WordList words, IReadOnlyList<(string Piece, double Score)> pieces)
    {
        UnigramModel model = new([.. pieces.Select(piece => KeyValuePair.Create(piece.Piece, piece.Score))], null, byteFallback: false);
        double sum = 0;
        long characters = 0;
        List<Piece> path = [];
        for (long index = 0; index < words.Count; index++)
        {
            string word = Encoding.UTF8.GetString(words[index]);
            path.Clear();
            model.Tokenize(word, path);
            sum -= words.CountOf(index) * path.Sum(piece => model.ScoreOf(piece.Id));
            characters += words.CountOf(index) * word.EnumerateRunes().Count();
        }

        return sum / characters;
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
                normalizer.PrecompiledMap = PrecompiledMap.Build(NormalizationRules.Read(new StringReader(Encoding.UTF8.GetString(input.Read("rules"))), "rules")).Bytes.ToArray();
                break;
            case "num_threads" or "train_extremely_large_corpus" or "vocabulary_output_piece_score" or "accept_language" or "model_prefix":
                // These change how it is computed or written, not what is learnt
                break;
            case "escape_whitespaces":
                normalizer.EscapeWhitespaces = value.GetValue<bool>();
                break;
            default:
                throw new NotSupportedException($"no option {name}");
        }
    }
}
