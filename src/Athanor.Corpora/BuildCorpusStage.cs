using System.Globalization;
using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Forecasts;
using Athanor.Core.Stages;
using Athanor.Corpora.Conversations;
using Athanor.Corpora.Problems;

namespace Athanor.Corpora;

/// <summary>
/// Builds a corpus: text from the .NET SDK's documentation or files of your own, filtered, deduplicated and split; conversations and held-out questions derived
/// from it; generated problems with worked steps; and statistics of it all.
/// </summary>
public sealed class BuildCorpusStage : IStage<BuildCorpusSettings>
{
    /// <inheritdoc/>
    public string Name => "corpus.build";

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public ArtifactKind Produces => ArtifactKind.Corpus;

    /// <inheritdoc/>
    public string Purpose
        => "Text is gathered, cleaned of what teaches nothing, and freed of copies; some of it is held out, so that what a model is tested on it has never seen. "
        + "What a model learns is decided here more than anywhere else.";

    /// <inheritdoc/>
    public string SurveySection => "4.1 Data Collection and Preparation";

    /// <inheritdoc/>
    public string Describe(BuildCorpusSettings settings)
    {
        string source = settings.Path is null ? "the .NET SDK's API documentation, with conversations and questions derived from it" : $"the text under {settings.Path}";
        string problems = HasProblems(settings)
            ? string.Create(CultureInfo.InvariantCulture, $"; {settings.Chains:N0} chains, {settings.Operations:N0} operation episodes and other generated problems")
            : "";
        return $"clean, deduplicate and split {source}{problems}";
    }

    /// <inheritdoc/>
    public StageForecast? Forecast(BuildCorpusSettings settings, ForecastContext context) => CorpusForecast.Of(settings, HasProblems(settings), context);

    /// <inheritdoc/>
    public async Task RunAsync(BuildCorpusSettings settings, StageContext context, CancellationToken cancellation)
        => await Task.Run(() => Run(settings, context, cancellation), cancellation);

    private static bool HasProblems(BuildCorpusSettings settings) => settings.Problems ?? settings.Path is null;

    private static void Run(BuildCorpusSettings settings, StageContext context, CancellationToken cancellation)
    {
        CorpusOutput output = new(context.OutputFolder, cancellation);
        if (settings.Path is null)
        {
            DocumentationCorpus.Build(settings, context, output, cancellation);
        }
        else
        {
            UserTextCorpus.Build(settings, context, output, cancellation);
        }

        if (HasProblems(settings))
        {
            Generate(settings, context, output);
        }

        WriteDialogues(settings, context, output);
        output.WriteStatistics();
        foreach (string line in output.Summary())
        {
            context.Progress.Say(line);
        }
    }

    private static void WriteDialogues(BuildCorpusSettings settings, StageContext context, CorpusOutput output)
    {
        foreach (string split in CorpusSplit.All)
        {
            IReadOnlyList<IReadOnlyList<Document>> sources = Dialogues.Sources(context.OutputFolder, split);
            if (sources.Count > 1 && settings.Dialogues > 0)
            {
                output.Write(split, Dialogues.Part, Dialogues.From(sources, split, split == CorpusLayout.Train ? settings.Dialogues : Math.Max(1, settings.Dialogues / 20), context.Random));
            }
        }
    }

    private static void Generate(BuildCorpusSettings settings, StageContext context, CorpusOutput output)
    {
        (IProblemGenerator Generator, int Count)[] generators =
        [
            (new ChainGenerator(settings.ShuffledSteps), settings.Chains),
            (new OperationGenerator(), settings.Operations),
            (new LastLetterGenerator(), settings.LastLetters),
            (new CoinFlipGenerator(), settings.CoinFlips),
            (new DateGenerator(), settings.Dates),
        ];
        using IProgressTask progress = context.Progress.Begin("generating problems", generators.Sum(pair => (long)pair.Count), "conversations");
        long done = 0;
        foreach ((IProblemGenerator generator, int count) in generators.Where(pair => pair.Count > 0))
        {
            foreach (string split in CorpusSplit.All)
            {
                // Held-out conversations only draw a curve
                int wanted = split == CorpusLayout.Train ? count : Math.Clamp(count / 20, 1, 2_000);
                output.Write(split, generator.Part, generator.Documents(split, wanted, context.Random));
            }

            foreach (string split in CorpusSplit.HeldOut)
            {
                output.WriteProblems(split, generator.Problems(split, settings.HeldOutProblems, context.Random));
            }

            progress.Report(done += count);
        }
    }
}
