using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Stages;
using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Chat;
using Athanor.Tokenization.Decoders;
using Athanor.Tokenization.Files;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.PostProcessors;
using Athanor.Tokenization.SentencePiece;
using Athanor.Tokenization.Splitting;
using Athanor.Tokenization.Unigrams;
using Athanor.Tokenization.WordLevels;
using Athanor.Tokenization.WordPieces;

namespace Athanor.Tokenization.Training;

/// <summary>Trains a tokenizer on a text of any length and writes its files. What was interrupted goes on from the checkpoint in the folder.</summary>
public static class TokenizerTrainer
{
    /// <summary>The name of a SentencePiece model's file.</summary>
    public const string SentencePieceFileName = "tokenizer.model";

    private const string CheckpointName = ".checkpoint";
    private const string Unknown = "<unk>";

    private static readonly Rune Space = new(PieceRules.Space);
    private static readonly string[] BertTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Trains and writes.</summary>
    /// <param name="texts">The texts, the same in the same order each time they are asked for.</param>
    /// <param name="options">What, and with what means.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancellation">Stops; the work so far is kept.</param>
    /// <returns>The path of the tokenizer's file and how many tokens it has.</returns>
    /// <exception cref="AthanorException">The options contradict each other or the text, or a file cannot be written.</exception>
    public static (string Path, int Tokens) Train(
        IEnumerable<string> texts, TokenizerTrainingOptions options, string folder, IProgressReporter progress, TimeProvider clock, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        string checkpoint = Path.Combine(folder, CheckpointName);
        Directory.CreateDirectory(checkpoint);
        foreach (string left in Directory.EnumerateFiles(checkpoint, "array-*.tmp"))
        {
            File.Delete(left);
        }

        using TrainingProgress told = new(progress, options);
        TrainingResources resources = new()
        {
            Threads = options.Threads,
            MemoryLimit = options.MemoryLimit,
            CheckpointFolder = checkpoint,
            Key = $"{options.Kind} {options.VocabularySize} {(options.SentencePiece ? "sentencepiece" : "tokenizer.json")} {options.Source}",
            Clock = clock,
            Progress = told.Report,
        };
        (string path, int tokens) = options.SentencePiece ? TrainSentencePiece(texts, options, folder, resources, cancellation)
            : options.Kind switch
            {
                VocabularyKind.BytePairs => TrainBytePairs(texts, options, folder, resources, cancellation),
                VocabularyKind.Unigram => TrainUnigram(texts, options, folder, resources, cancellation),
                VocabularyKind.WordPiece => TrainWordPiece(texts, options, folder, resources, cancellation),
                _ => TrainWordLevel(texts, options, folder, resources, cancellation),
            };
        told.Dispose();
        Directory.Delete(checkpoint, recursive: true);
        if (tokens < options.VocabularySize)
        {
            progress.Warn($"the text gives only {tokens:N0} tokens of the {options.VocabularySize:N0} asked for");
        }

        return (path, tokens);
    }

    private static (string Path, int Tokens) TrainBytePairs(IEnumerable<string> texts, TokenizerTrainingOptions options, string folder, TrainingResources resources, CancellationToken cancellation)
    {
        IReadOnlyList<string> special = ChatTemplate.SpecialTokens;
        Hold(options, special.Count + 256, "special tokens and 256 bytes");
        using WordList words = PipelineWords.Count(texts, BytePairTrainer.Split, resources, cancellation);
        BytePairTrainingOptions training = new() { VocabularySize = options.VocabularySize, SpecialTokens = special, Bytes = true };
        (IReadOnlyList<string> tokens, IReadOnlyList<Merge> merges) = BytePairLearner.Learn(words, training, done => resources.Progress?.Invoke(TrainingProgress.Tokens, done, done), cancellation);
        return Write(new Tokenizer(tokens, special, merges), folder);
    }

    private static (string Path, int Tokens) TrainUnigram(IEnumerable<string> texts, TokenizerTrainingOptions options, string folder, TrainingResources resources, CancellationToken cancellation)
    {
        // The special tokens follow the pieces: none of them can then be a piece of a text
        IReadOnlyList<string> special = ChatTemplate.SpecialTokens;
        Hold(options, special.Count + 2, "special tokens");
        UnicodeNormalizer normalizer = new(NormalizationForm.FormKC);
        MetaspacePreTokenizer preTokenizer = new(Space);
        using WordList words = PipelineWords.Count(texts, normalizer, preTokenizer, resources, cancellation);
        UnigramTrainingOptions training = new() { VocabularySize = options.VocabularySize - special.Count, UnknownToken = Unknown };
        IReadOnlyList<(string Piece, double Score)> pieces = UnigramTrainer.Learn(words, training, resources, cancellation);
        UnigramModel model = new([.. pieces.Select(piece => KeyValuePair.Create(piece.Piece, piece.Score))], 0, byteFallback: false);
        return Write(
            new Tokenizer(new TokenizerPipeline
            {
                Model = model,
                Added = new AddedVocabulary([.. special.Select(token => new AddedToken(token))], model, normalizer),
                Normalizer = normalizer,
                PreTokenizer = preTokenizer,
                Decoder = new MetaspaceDecoder(Space),
            }),
            folder);
    }

    private static (string Path, int Tokens) TrainWordPiece(IEnumerable<string> texts, TokenizerTrainingOptions options, string folder, TrainingResources resources, CancellationToken cancellation)
    {
        Hold(options, BertTokens.Length + 1, "special tokens");
        BertNormalizer normalizer = new(Lowercase: false);
        BertPreTokenizer preTokenizer = new();
        using WordList words = PipelineWords.Count(texts, normalizer, preTokenizer, resources, cancellation);
        BytePairTrainingOptions training = new() { VocabularySize = options.VocabularySize, SpecialTokens = BertTokens, ContinuingPrefix = "##" };
        IReadOnlyList<string> tokens = BytePairLearner.Learn(words, training, done => resources.Progress?.Invoke(TrainingProgress.Tokens, done, done), cancellation).Tokens;
        WordPieceModel model = new(TokenVocabulary.From(tokens), BertTokens[1], "##", 100);
        Tokenizer tokenizer = new(new TokenizerPipeline
        {
            Model = model,
            Added = new AddedVocabulary([.. BertTokens.Select(token => new AddedToken(token))], model, normalizer),
            Normalizer = normalizer,
            PreTokenizer = preTokenizer,
            PostProcessor = new BertPostProcessor(new SpecialToken(BertTokens[3], 3), new SpecialToken(BertTokens[2], 2)),
            Decoder = new WordPieceDecoder(),
        });
        string path = Path.Combine(folder, Tokenizer.FileName);
        tokenizer.Save(path);
        return (path, tokenizer.VocabularySize);
    }

    private static (string Path, int Tokens) TrainWordLevel(IEnumerable<string> texts, TokenizerTrainingOptions options, string folder, TrainingResources resources, CancellationToken cancellation)
    {
        string[] special = [Unknown, .. ChatTemplate.SpecialTokens];
        Hold(options, special.Length + 1, "special tokens");
        WhitespacePreTokenizer preTokenizer = new();
        using WordList words = PipelineWords.Count(texts, null, preTokenizer, resources, cancellation);
        WordLevelModel model = new(TokenVocabulary.From(WordLevelTrainer.Learn(words, options.VocabularySize, 0, special)), Unknown);
        return Write(
            new Tokenizer(new TokenizerPipeline
            {
                Model = model,
                Added = new AddedVocabulary([.. special.Select(token => new AddedToken(token))], model, null),
                PreTokenizer = preTokenizer,
            }),
            folder);
    }

    private static (string Path, int Tokens) TrainSentencePiece(IEnumerable<string> texts, TokenizerTrainingOptions options, string folder, TrainingResources resources, CancellationToken cancellation)
    {
        TrainerSpec spec = new()
        {
            ModelType = options.Kind switch
            {
                VocabularyKind.BytePairs => ModelType.BytePairs,
                VocabularyKind.Unigram => ModelType.Unigram,
                VocabularyKind.WordLevel => ModelType.Words,
                _ => throw new AthanorException("SentencePiece has no word pieces", "choose bpe, unigram or wordlevel, or the format tokenizer.json"),
            },
            VocabularySize = options.VocabularySize,
            HardVocabularyLimit = false,
            ByteFallback = options.Kind != VocabularyKind.WordLevel,
        };
        SentencePieceFile file = SentencePieceTrainer.Train(texts.SelectMany(text => text.Split('\n')), spec, new NormalizerSpec { Name = "nmt_nfkc" }, resources, cancellation);
        string path = Path.Combine(folder, SentencePieceFileName);
        file.Save(path);
        return (path, file.Pieces.Count);
    }

    private static (string Path, int Tokens) Write(Tokenizer tokenizer, string folder)
    {
        TokenizerFolder.Write(tokenizer, folder);
        return (Path.Combine(folder, Tokenizer.FileName), tokenizer.VocabularySize);
    }

    private static void Hold(TokenizerTrainingOptions options, int least, string what)
    {
        if (options.VocabularySize < least)
        {
            throw new AthanorException($"a vocabulary of {options.VocabularySize} tokens is too small", $"ask for {least} or more: {what} take that many");
        }
    }
}
