using Athanor.Core.Forecasts;

namespace Athanor.Evaluation.Stages;

/// <summary>What an evaluation will cost. The counts of passes and tokens are those of the tasks as they are; <c>athanor bench plan</c> shows how well they hold.</summary>
internal static class EvaluationForecast
{
    private const double BytesPerToken = 3.5;
    private const int ScoredTokensPerProblem = 160;
    private const int BytesPerHeldOutDocument = 1_800;
    private const int DocumentsOfAPart = 200;
    private const int BytesPerConversation = 110;
    private const int ProblemsOfATask = 600;
    private const int GeneratingTasks = 6;
    private const int PassesPerBatch = 32;
    private const double NGramSecondsPerToken = 1.5e-7;

    public static StageForecast Of(EvaluateSettings settings, ArtifactForecast corpus, int vocabularySize, IReadOnlyList<ModelForecast> models, ForecastContext context)
    {
        int problems = Math.Min(corpus.ProblemsPerTask, settings.Limit ?? ProblemsOfATask);
        int documents = settings.Limit ?? DocumentsOfAPart;
        double heldOut = (Math.Min(corpus.HeldOutBytes, documents * (double)BytesPerHeldOutDocument) + ((corpus.Parts - 1.0) * documents * BytesPerConversation)) / BytesPerToken;
        double scored = heldOut + (problems * ScoredTokensPerProblem);
        double passes = GeneratingTasks * Math.Ceiling((double)problems / settings.BatchSize) * PassesPerBatch;
        int together = Math.Min(Math.Max(1, problems), settings.BatchSize);
        double seconds = models.Sum(model => (scored * model.ScoringSecondsPerToken) + (passes * model.PassSeconds(together)));
        if (settings.NGramOrder > 0)
        {
            seconds += context.TextSeconds(NGramSecondsPerToken * corpus.TextBytes / BytesPerToken);
        }

        return new StageForecast
        {
            Seconds = seconds + context.TextSeconds(0.5),
            PeakMemoryBytes = Math.Max(models.Max(model => model.TrainingMemoryBytes), ForecastContext.EmptyProcessBytes + (settings.NGramOrder > 0 ? 12 * corpus.TextBytes : 0)),
            NewMemoryBytes = (models.Max(model => model.TrainingMemoryBytes - ForecastContext.EmptyProcessBytes) / 2) + (settings.NGramOrder > 0 ? (long)(6.5 * corpus.TextBytes) : 0),
            DiskBytes = 20_000 + (long)(models.Count * ((problems * 7.0 * 30) + (heldOut * 0.05))),
            Flop = models.Sum(model => 2.0 * model.Parameters * (scored + (passes * together))),
            Output = new ArtifactForecast { VocabularySize = vocabularySize },
        };
    }
}
