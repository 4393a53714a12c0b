using Athanor.Core.Artifacts;
using Athanor.Core.Forecasts;
using Athanor.Core.Stages;
using Athanor.Evaluation.Harness;
using Athanor.Evaluation.NGrams;
using Athanor.Evaluation.Scores;
using Athanor.Evaluation.Tasks;
using Athanor.Models.LanguageModels;
using Athanor.Statistics.NGrams;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;

namespace Athanor.Evaluation.Stages;

/// <summary>Puts held-out problems and documents to models and keeps every prompt, answer, verdict and score.</summary>
/// <param name="loader">Opens the models.</param>
public sealed class EvaluateStage(ILanguageModelLoader loader) : IStage<EvaluateSettings>
{
    /// <inheritdoc/>
    public string Name => "model.evaluate";

    /// <inheritdoc/>
    public int Version => 2;

    /// <inheritdoc/>
    public ArtifactKind Produces => ArtifactKind.Scores;

    /// <inheritdoc/>
    public string Purpose
        => "The models answer questions and predict text that no stage before has seen, and every score is set beside blind guessing, trivial answerers and models of counts. "
            + "Only held-out problems with error bars tell an ability from luck, and only a baseline tells an ability from a property of the questions.";

    /// <inheritdoc/>
    public string SurveySection => "7 Capacity and Evaluation";

    /// <inheritdoc/>
    public string Describe(EvaluateSettings settings)
        => $"asks {string.Join(" and ", settings.Models)} {(settings.Tasks.Count == 0 ? "every task of the corpus" : string.Join(", ", settings.Tasks))} on the {settings.Split} split"
            + (settings.Limit is { } limit ? $", at most {limit} problems a task" : "");

    /// <inheritdoc/>
    public StageForecast? Forecast(EvaluateSettings settings, ForecastContext context)
    {
        ArtifactForecast corpus = context.Input(settings.Corpus);
        ModelForecast?[] models = [.. settings.Models.Select(reference => context.Input(reference).Model)];
        return models.Contains(null) ? null : EvaluationForecast.Of(settings, corpus, context.Input(settings.Tokens).VocabularySize, models!, context);
    }

    /// <inheritdoc/>
    public Task RunAsync(EvaluateSettings settings, StageContext context, CancellationToken cancellation)
    {
        EvaluationData data = new(context.Input(settings.Corpus).Folder, settings.Split);
        Directory.CreateDirectory(context.CheckpointFolder);
        EvaluationHarness harness = new(data, context.CheckpointFolder, context.Progress) { BatchSize = settings.BatchSize, Limit = settings.Limit, Shots = settings.Shots };
        IReadOnlyList<EvaluationTask> tasks = harness.Choose(settings.Tasks, TrainingRecord.PartsOf(settings.Models.Select(reference => context.Input(reference).Folder)));
        foreach (string reference in settings.Models)
        {
            Artifact artifact = context.Input(reference);
            using MeteredLanguageModel model = new(loader.Load(artifact.Folder));
            EvaluatedModel evaluated = new(NameOf(reference), $"{model.Info.Parameters:N0} weights", model.Info.Parameters, artifact.Manifest.Cost.Tokens, IsNGram: false);
            harness.Ask(evaluated, model, tasks, cancellation);
            context.Cost.Tokens += model.Tokens;
            context.Cost.Flop += model.Flop;
        }

        if (settings.NGramOrder > 0 && tasks.Any(task => task is BitsPerByte))
        {
            AskNGrams(settings, context, harness, cancellation);
        }

        harness.Collect().Write(context.OutputFolder);
        harness.WriteSamples(context.OutputFolder, cancellation);
        return Task.CompletedTask;
    }

    private static void AskNGrams(EvaluateSettings settings, StageContext context, EvaluationHarness harness, CancellationToken cancellation)
    {
        Artifact tokens = context.Input(settings.Tokens);
        BitsPerByte task = new(NGramDiet.TextParts(tokens));
        if (harness.Lacks(task))
        {
            return;
        }

        Tokenizer tokenizer = Tokenizer.Load(tokens.Folder);
        int begin = ChatTemplate.For(tokenizer).DocumentTokenId;
        foreach (NGramDiet diet in NGramDiet.For(tokens, NameOf(settings.Models[0]), context.Input(settings.Models[0])))
        {
            string name = $"{settings.NGramOrder}-gram, {diet.Name}";
            context.Progress.Say($"counting {diet.Total:N0} tokens: {name}");
            NGramModel counts = NGramModel.Train(diet.Read(tokens, context.Random), settings.NGramOrder, tokenizer.VocabularySize, begin, cancellation);
            using NGramLanguageModel model = new(name, counts, tokenizer);
            harness.Ask(new EvaluatedModel(name, "interpolated Kneser–Ney", model.Info.Parameters, diet.Total, IsNGram: true), model, [task], cancellation);
        }
    }

    // a folder is called by its last name
    private static string NameOf(string reference) => Path.GetFileName(Path.TrimEndingDirectorySeparator(reference)) is { Length: > 0 } name ? name : reference;
}
