using System.Text;
using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Core.Forecasts;
using Athanor.Core.Randomness;
using Athanor.Core.Stages;
using Athanor.Tokenization.Chat;
using Athanor.Tokenization.Files;
using Athanor.Tokenization.Splitting;
using Athanor.Tokenization.Training;
using Microsoft.ML.Tokenizers;

namespace Athanor.Tokenization.Stages;

/// <summary><c>tokenizer.train</c>: learns a byte-level BPE tokenizer from the training split of a corpus.</summary>
public sealed class TrainTokenizerStage : IStage<TrainTokenizerSettings>
{
    private const int ExampleCharacters = 400;
    private const int ExamplesPerPart = 2;
    private const int TokensShown = 100;

    /// <inheritdoc/>
    public string Name => "tokenizer.train";

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public ArtifactKind Produces => ArtifactKind.Tokenizer;

    /// <inheritdoc/>
    public string Purpose =>
        "A model reads numbers, not letters: the tokenizer cuts text into pieces that occur often and numbers them. "
        + "Byte pair encoding starts from single bytes and joins the most frequent neighbours again and again, so common words become one token and nothing is unreadable.";

    /// <inheritdoc/>
    public string SurveySection => "4.1.2 Data Preprocessing: Tokenization";

    /// <inheritdoc/>
    public string Describe(TrainTokenizerSettings settings) =>
        $"learns {settings.VocabularySize:N0} tokens from {(settings.Parts.Count == 0 ? "all parts" : string.Join(", ", settings.Parts))} of {settings.Corpus}, at most {settings.BytesPerPart:N0} bytes of each";

    /// <inheritdoc/>
    public StageForecast? Forecast(TrainTokenizerSettings settings, ForecastContext context)
    {
        ArtifactForecast corpus = context.Input(settings.Corpus);
        double bytes = Math.Min(corpus.TextBytes, (double)settings.BytesPerPart * Math.Max(1, corpus.Parts));
        return new StageForecast
        {
            Seconds = context.TextSeconds(0.2 + (1.2e-7 * bytes)),
            PeakMemoryBytes = ForecastContext.EmptyProcessBytes + (long)(12 * bytes),
            DiskBytes = 65L * settings.VocabularySize,
            Output = new ArtifactForecast { VocabularySize = settings.VocabularySize },
        };
    }

    /// <inheritdoc/>
    public Task RunAsync(TrainTokenizerSettings settings, StageContext context, CancellationToken cancellation)
    {
        Artifact corpus = context.Input(settings.Corpus);
        IReadOnlyList<string> parts = CorpusParts.Of(corpus, CorpusLayout.Train, settings.Parts);
        List<Sample> samples = [.. parts.Select(part => Take(corpus, CorpusLayout.Train, part, settings.BytesPerPart, context.Random, cancellation))];
        long bytes = samples.Sum(sample => sample.Bytes);
        if (bytes == 0)
        {
            throw new AthanorException($"the training split of {corpus.Folder} has no text to learn from", "name other parts, or build the corpus from more text");
        }

        long started = context.Clock.GetTimestamp();
        Tokenizer tokenizer;
        using (IProgressTask progress = context.Progress.Begin("learning tokens", settings.VocabularySize, "tokens"))
        {
            tokenizer = BytePairTrainer.Train(
                samples.SelectMany(sample => sample.Documents).SelectMany(CorpusParts.TextsOf),
                settings.VocabularySize,
                ChatTemplate.SpecialTokens,
                settings.WholeNumbers,
                progress: done => progress.Report(done),
                cancellation: cancellation);
        }

        double seconds = context.Clock.GetElapsedTime(started).TotalSeconds;
        if (tokenizer.VocabularySize < settings.VocabularySize)
        {
            context.Progress.Warn($"the text gives only {tokenizer.VocabularySize:N0} tokens of the {settings.VocabularySize:N0} asked for");
        }

        TokenizerFolder.Write(tokenizer, context.OutputFolder);
        StatisticsFile.Write(
            Path.Combine(context.OutputFolder, TokenizerStatistics.FileName),
            Measure(tokenizer, corpus, samples, settings, context, seconds, cancellation));
        context.Progress.Say($"{tokenizer.VocabularySize:N0} tokens learnt from {bytes / 1e6:F1} MB in {seconds:F1} s");
        return Task.CompletedTask;
    }

    /// <summary>Documents of a part, each kept with the probability that gives about the bytes allowed.</summary>
    private static Sample Take(Artifact corpus, string split, string part, long most, RandomStreams random, CancellationToken cancellation)
    {
        long total = 0;
        foreach (Document document in CorpusParts.Read(corpus, split, part))
        {
            cancellation.ThrowIfCancellationRequested();
            total += BytesOf(document);
        }

        double share = total <= most ? 1 : (double)most / total;
        RandomStream stream = random.Open($"tokenizer.train/sample/{split}/{part}");
        List<Document> documents = [];
        long bytes = 0;
        foreach (Document document in CorpusParts.Read(corpus, split, part))
        {
            cancellation.ThrowIfCancellationRequested();
            if (stream.NextDouble() < share && (share == 1 || bytes < most))
            {
                documents.Add(document);
                bytes += BytesOf(document);
            }
        }

        return new Sample(part, documents, bytes);
    }

    private static long BytesOf(Document document) => CorpusParts.TextsOf(document).Sum(text => (long)Encoding.UTF8.GetByteCount(text));

    private static TokenizerStatistics Measure(
        Tokenizer tokenizer,
        Artifact corpus,
        List<Sample> samples,
        TrainTokenizerSettings settings,
        StageContext context,
        double seconds,
        CancellationToken cancellation)
    {
        long[] uses = new long[tokenizer.VocabularySize];
        List<TokenizerPart> parts = [];
        List<TokenizerExample> examples = [];
        IReadOnlyList<string> validated = CorpusParts.Of(corpus, CorpusLayout.Validation, []);
        foreach (Sample sample in samples)
        {
            cancellation.ThrowIfCancellationRequested();
            long tokens = Count(tokenizer, sample, uses);
            double? validation = null;
            if (validated.Contains(sample.Part))
            {
                Sample held = Take(corpus, CorpusLayout.Validation, sample.Part, settings.BytesPerPart, context.Random, cancellation);
                long heldTokens = Count(tokenizer, held, null);
                validation = heldTokens == 0 ? null : (double)held.Bytes / heldTokens;
            }

            parts.Add(new TokenizerPart(sample.Part, sample.Documents.Count, sample.Bytes, tokens, tokens == 0 ? 0 : (double)sample.Bytes / tokens, validation));
            examples.AddRange(sample.Documents.Take(ExamplesPerPart).Select(document => ExampleOf(tokenizer, sample.Part, document)));
        }

        int[] unused = [.. Enumerable.Range(0, uses.Length).Where(id => uses[id] == 0 && !tokenizer.IsSpecial(id))];
        return new TokenizerStatistics
        {
            VocabularySize = tokenizer.VocabularySize,
            Merges = tokenizer.Merges.Count,
            Pattern = WordSplitter.Pattern,
            Parts = parts,
            Examples = examples,
            UnusedTokens = [.. unused.Take(TokensShown).Select(id => tokenizer.Decode([id]))],
            UnusedTokenCount = unused.Length,
            LongestTokens = [.. Enumerable.Range(0, uses.Length).Where(id => !tokenizer.IsSpecial(id)).OrderByDescending(id => tokenizer.BytesOf(id).Length).ThenBy(id => id).Take(20).Select(id => tokenizer.Decode([id]))],
            TrainingSeconds = seconds,
        };
    }

    private static long Count(Tokenizer tokenizer, Sample sample, long[]? uses)
    {
        long tokens = 0;
        List<int> ids = [];
        foreach (string text in sample.Documents.SelectMany(CorpusParts.TextsOf))
        {
            ids.Clear();
            tokenizer.Encode(text, ids);
            tokens += ids.Count;
            foreach (int id in uses is null ? [] : ids)
            {
                uses![id]++;
            }
        }

        return tokens;
    }

    private static TokenizerExample ExampleOf(Tokenizer tokenizer, string part, Document document)
    {
        string text = string.Join('\n', CorpusParts.TextsOf(document));
        if (text.Length > ExampleCharacters)
        {
            int cut = char.IsLowSurrogate(text[ExampleCharacters]) ? ExampleCharacters - 1 : ExampleCharacters;
            text = text[..cut];
        }

        IReadOnlyList<EncodedToken> tokens = tokenizer.EncodeToTokens(text, out _);
        return new TokenizerExample(part, document.Id, text, [.. tokens.Select(token => token.Id)], [.. tokens.Select(token => token.Offset.End.Value)]);
    }

    private sealed record Sample(string Part, List<Document> Documents, long Bytes);
}
