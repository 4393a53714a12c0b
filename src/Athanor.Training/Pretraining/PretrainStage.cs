using System.Globalization;
using Athanor.Core.Artifacts;
using Athanor.Core.Forecasts;
using Athanor.Core.Stages;
using Athanor.Models.LanguageModels;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;
using Athanor.Torch.Executors;
using Athanor.Training.Checkpoints;
using Athanor.Training.Data;
using Athanor.Training.Forecasts;
using Athanor.Training.Loop;
using Athanor.Training.Objectives;
using Athanor.Training.Optimizers;
using Athanor.Training.Rules;
using Athanor.Training.Schedules;
using TorchSharp;

namespace Athanor.Training.Pretraining;

/// <summary><c>model.pretrain</c>: trains a fresh decoder to predict the next token.</summary>
/// <param name="probe">Looks at what the model can do as it learns; null looks at nothing.</param>
public sealed class PretrainStage(IAbilityProbe? probe = null) : IStage<PretrainSettings>
{
    private const int Validations = 20;
    private const int Probes = 12;

    /// <inheritdoc/>
    public string Name => "model.pretrain";

    /// <inheritdoc/>
    public int Version => 3;

    /// <inheritdoc/>
    public ArtifactKind Produces => ArtifactKind.Model;

    /// <inheritdoc/>
    public string Purpose =>
        "A transformer with random weights reads the training tokens and learns to predict each next one; whatever lowers that loss (spelling, grammar, facts, arithmetic) is stored in its weights. "
        + "Sizes, rates and schedule follow from one dial, the depth, by rules that are printed with their sources.";

    /// <inheritdoc/>
    public string SurveySection => "4.2 Architecture and 4.3 Model Training";

    /// <inheritdoc/>
    public string Describe(PretrainSettings settings)
    {
        ScalingRules rules = new();
        int width = rules.Width(settings.Width, settings.Depth);
        string budget = settings.TrainingTokens is { } tokens ? $"{tokens:N0} tokens" : settings.TrainingFlop is { } flop ? string.Create(CultureInfo.InvariantCulture, $"{flop:G3} FLOP") : "20 tokens a parameter";
        return $"trains {settings.Depth} layers of width {width} on {settings.Tokens}, contexts of {settings.ContextLength} tokens, for {budget}";
    }

    /// <inheritdoc/>
    public StageForecast? Forecast(PretrainSettings settings, ForecastContext context)
    {
        ArtifactForecast tokens = context.Input(settings.Tokens);
        PretrainingPlan plan = PretrainingPlan.From(settings, tokens.VocabularySize);
        TrainingTrial trial = TrainingTrial.Of(plan.Model, settings.NumberType, settings.Optimizer, plan.MicroBatchRows, settings.ContextLength, context.Machine, settings.Executor);
        ModelForecast model = new(plan.Model.Parameters, settings.ContextLength, plan.FlopPerToken, trial.GradientSecondsPerToken, trial.OptimizerSeconds, trial.ScoringSecondsPerToken, trial.MemoryBytes);
        long validations = 1 + (plan.Steps / EvaluationSteps(plan, settings.ValidationEveryTokens, Validations));
        long parts = settings.Mixture?.Count ?? Math.Max(1, tokens.Parts);
        long probes = settings.Corpus is null ? 0 : plan.Steps / EvaluationSteps(plan, settings.ProbeEveryTokens, Probes);
        return TrainingForecast.Of(model, tokens.VocabularySize, plan.Steps, plan.BatchTokens, validations * parts * settings.ValidationRows * settings.ContextLength, probes);
    }

    /// <inheritdoc/>
    public Task RunAsync(PretrainSettings settings, StageContext context, CancellationToken cancellation)
    {
        Artifact tokens = context.Input(settings.Tokens);
        Tokenizer tokenizer = Tokenizer.Load(tokens.Folder);
        ChatTemplate template = ChatTemplate.For(tokenizer);
        PretrainingPlan plan = PretrainingPlan.From(settings, tokenizer.VocabularySize);
        NumberType type = NumberType.Choose(settings.NumberType, context, null, cancellation);
        ChosenExecutor executor = ChosenExecutor.For(settings.Executor, plan.Model, type.Type);
        DerivedValue[] derived = [.. plan.Derived, type.Derived, new DerivedValue("R12", "executor", executor.Name, executor.Reason)];
        foreach (DerivedValue value in derived)
        {
            context.Progress.Say($"{value.Rule,-3} {value.Setting} {value.Value} ({value.Source})");
        }

        BatchSettings batch = new()
        {
            ContextLength = settings.ContextLength,
            Rows = plan.BatchRows,
            MicroBatchRows = plan.MicroBatchRows,
            Masked = settings.LossOnAnswersOnly,
            AttentionAcrossDocuments = settings.AttentionAcrossDocuments,
            TextPacking = settings.TextPacking,
            PaddingToken = template.DocumentTokenId,
        };
        using MixedBatches batches = new(tokens, settings.Mixture, batch, context.Random);
        TrainedPart[] mixture = [.. batches.Sources.Select(source => new TrainedPart(source.Name, batches.Shares[source.Name], plan.Tokens * batches.Shares[source.Name] / (source.RowsAnEpoch * source.TokensARow)))];
        SayMixture(context.Progress, batches, mixture);
        context.Progress.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.Model.Parameters:N0} parameters, {plan.Steps:N0} steps of {plan.BatchTokens:N0} tokens: {plan.Tokens / 1e6:F2} million tokens, {plan.Flop:G3} FLOP"));

        using ITrainableTransformer model = executor.Create(plan.Model, type.Type, context.Random);
        using OptimizerSet optimizers = OptimizerSet.For(plan.Model, model.Weights, new OptimizerSettings
        {
            Choice = settings.Optimizer,
            MatrixLearningRate = plan.MatrixLearningRate,
            LearningRate = plan.LearningRate,
            WeightDecay = settings.WeightDecay,
            Momentum = settings.Momentum,
            Beta1 = settings.Beta1,
            Beta2 = settings.Beta2,
        });
        CausalLanguageModelTask task = new(batches, new CausalLanguageModelLoss(settings.LabelSmoothing, settings.ZLoss));
        TrainingLoop loop = new(model, task, optimizers, LoopSettings(settings, plan, type, executor), context)
        {
            Validation = new ValidationSet(tokens, batches.Shares.Keys, tokenizer, batch, settings.ValidationRows),
            Probe = AbilityAsking.Of(probe, settings.Corpus is null ? null : context.Input(settings.Corpus), plan.Model, model, tokenizer),
        };
        loop.Run(cancellation);

        ModelFolder.Write(context.OutputFolder, plan.Model, model.Weights, tokenizer);
        new TrainingReport
        {
            Derived = derived,
            Parameters = plan.Model.Parameters,
            FlopPerToken = plan.FlopPerToken,
            Tokens = context.Cost.Tokens,
            Flop = context.Cost.Flop,
            Steps = plan.Steps,
            BatchTokens = plan.BatchTokens,
            SkippedSteps = loop.SkippedSteps,
            NumberType = type.Name,
            Executor = executor.Name,
            Threads = torch.get_num_threads(),
            MatrixSpeed = type.MatrixSpeed,
            Products = type.Decision,
            Mixture = mixture,
        }.Write(context.OutputFolder);
        return Task.CompletedTask;
    }

    // updates between two looks at the model
    private static long EvaluationSteps(PretrainingPlan plan, long? everyTokens, int looks) => Math.Max(1, everyTokens is { } every ? every / plan.BatchTokens : plan.Steps / looks);

    private static TrainingLoopSettings LoopSettings(PretrainSettings settings, PretrainingPlan plan, NumberType type, ChosenExecutor executor)
    {
        return new TrainingLoopSettings
        {
            Name = "pre-training",
            Steps = plan.Steps,
            Schedule = new LearningRateSchedule
            {
                Shape = settings.Schedule,
                WarmupSteps = (long)(plan.WarmupShare * plan.Steps),
                TotalSteps = plan.Steps,
                MinimumRate = plan.FinalShare,
                DecaySteps = (long)(settings.DecayShare * plan.Steps),
            },
            ClipNorm = settings.ClipNorm == 0 ? null : settings.ClipNorm,
            FlopPerToken = plan.FlopPerToken,
            MatrixSpeed = type.MatrixSpeed,
            ValidationSteps = EvaluationSteps(plan, settings.ValidationEveryTokens, Validations),
            ProbeSteps = EvaluationSteps(plan, settings.ProbeEveryTokens, Probes),
            CheckpointInterval = TimeSpan.FromSeconds(settings.CheckpointSeconds),
            NumberType = type.Name,
            Executor = executor.Name,
        };
    }

    internal static void SayMixture(IProgressReporter progress, MixedBatches batches, IReadOnlyList<TrainedPart> mixture)
    {
        foreach (TrainedPart part in mixture)
        {
            progress.Say(string.Create(CultureInfo.InvariantCulture, $"{part.Part}: {part.Share:P1} of the tokens, {part.Epochs:F2} epochs"));
        }

        foreach (RowSource source in batches.Sources.Where(source => source.Truncated > 0))
        {
            progress.Warn($"{source.Truncated:N0} conversations of {source.Name} are longer than a row and lose their end");
        }

        if (batches.LeftOut.Count > 0)
        {
            progress.Say($"not in the mixture: {string.Join(", ", batches.LeftOut)}");
        }
    }
}
