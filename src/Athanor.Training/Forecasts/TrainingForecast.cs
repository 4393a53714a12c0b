using Athanor.Core.Forecasts;

namespace Athanor.Training.Forecasts;

/// <summary>What a training will cost, from what an update of its model takes.</summary>
internal static class TrainingForecast
{
    // a probe writes answers to three hundred problems, about a hundred passes, and scores the choices of a hundred questions
    private const int ProbePasses = 100;
    private const int ProbeSequences = 100;
    private const int ProbeScoredTokens = 20_000;
    private const double StartSeconds = 1;
    private const double BytesPerStep = 350;

    /// <param name="model">What was measured of the model.</param>
    /// <param name="vocabularySize">Ids of its tokenizer.</param>
    /// <param name="steps">Updates.</param>
    /// <param name="batchTokens">Tokens of an update.</param>
    /// <param name="validatedTokens">Tokens of all validations together.</param>
    /// <param name="probes">How often abilities are looked at.</param>
    public static StageForecast Of(ModelForecast model, int vocabularySize, long steps, long batchTokens, long validatedTokens, long probes)
    {
        double update = model.OptimizerSeconds + (batchTokens * model.GradientSecondsPerToken);
        double probe = (ProbePasses * model.PassSeconds(ProbeSequences)) + (ProbeScoredTokens * model.ScoringSecondsPerToken);
        long weights = model.Parameters * sizeof(float);
        return new StageForecast
        {
            Seconds = StartSeconds + (steps * update) + (validatedTokens * model.ScoringSecondsPerToken) + (probes * probe),
            PeakMemoryBytes = model.TrainingMemoryBytes,
            NewMemoryBytes = Math.Max(0, model.TrainingMemoryBytes - ForecastContext.EmptyProcessBytes),
            DiskBytes = weights + (65L * vocabularySize) + (long)(BytesPerStep * steps),

            // two checkpoints of weights and of an optimizer's one to two numbers a weight
            CheckpointBytes = 2 * 3 * weights,
            Flop = steps * batchTokens * model.TrainingFlopPerToken,
            Output = new ArtifactForecast { VocabularySize = vocabularySize, Model = model },
        };
    }
}
