using System.Globalization;
using Athanor.Core.Artifacts;
using Athanor.Core.Errors;
using Athanor.Core.Forecasts;
using Athanor.Core.Stages;
using Athanor.Models.Checkpoints;
using Athanor.Models.LanguageModels;
using Athanor.Models.Specifications;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;
using Athanor.Torch.Executors;
using Athanor.Training.Checkpoints;
using Athanor.Training.Data;
using Athanor.Training.Forecasts;
using Athanor.Training.Loop;
using Athanor.Training.Objectives;
using Athanor.Training.Optimizers;
using Athanor.Training.Pretraining;
using Athanor.Training.Rules;
using Athanor.Training.Schedules;
using TorchSharp;

namespace Athanor.Training.Tuning;

/// <summary><c>model.tune</c>: goes on training a model on conversations, of which only the assistant's words are learnt.</summary>
/// <param name="probe">Looks at what the model can do as it learns; null looks at nothing.</param>
public sealed class TuneStage(IAbilityProbe? probe = null) : IStage<TuneSettings>
{
    private const int Validations = 10;
    private const int Probes = 4;

    /// <inheritdoc/>
    public string Name => "model.tune";

    /// <inheritdoc/>
    public int Version => 3;

    /// <inheritdoc/>
    public ArtifactKind Produces => ArtifactKind.Model;

    /// <inheritdoc/>
    public string Purpose =>
        "The model reads conversations and learns to say the assistant's part, so that it answers instead of merely going on. "
        + "Only the assistant's tokens count in the loss, and no conversation sees another that shares its row.";

    /// <inheritdoc/>
    public string SurveySection => "5.1 Instruction Tuning";

    /// <inheritdoc/>
    public string Describe(TuneSettings settings) =>
        $"tunes {settings.Model} on {(settings.Mixture is { } mixture ? string.Join(", ", mixture.Keys) : "the conversations")} of {settings.Tokens}, "
        + (settings.TrainingTokens is { } tokens ? $"{tokens:N0} tokens" : string.Create(CultureInfo.InvariantCulture, $"{settings.Epochs} epochs"));

    /// <inheritdoc/>
    public StageForecast? Forecast(TuneSettings settings, ForecastContext context)
    {
        ArtifactForecast tokens = context.Input(settings.Tokens);
        if (context.Input(settings.Model).Model is not { } model || settings.TrainingTokens is not { } wanted)
        {
            return null;
        }

        int length = settings.ContextLength ?? model.ContextLength;
        long batchTokens = (long)settings.BatchRows * length;
        long steps = Math.Max(1, (long)Math.Round(wanted / (double)batchTokens));
        long validations = 1 + (steps / EvaluationSteps(steps, batchTokens, settings.ValidationEveryTokens, Validations));
        long parts = settings.Mixture?.Count ?? Math.Max(1, tokens.Parts);
        long probes = settings.Corpus is null ? 0 : steps / EvaluationSteps(steps, batchTokens, settings.ProbeEveryTokens, Probes);
        return TrainingForecast.Of(model, tokens.VocabularySize, steps, batchTokens, validations * parts * settings.ValidationRows * length, probes);
    }

    /// <inheritdoc/>
    public Task RunAsync(TuneSettings settings, StageContext context, CancellationToken cancellation)
    {
        Artifact tokens = context.Input(settings.Tokens);
        Artifact source = context.Input(settings.Model);
        Tokenizer tokenizer = Tokenizer.Load(source.Folder);
        Tokenizer encoder = Tokenizer.Load(tokens.Folder);
        ChatTemplate template = ChatTemplate.For(tokenizer);
        if (!SameVocabulary(tokenizer, encoder))
        {
            throw new AthanorException($"{tokens.Folder} was encoded with another tokenizer than the one of the model {source.Folder}", "encode the corpus with the tokenizer that the model was trained with");
        }

        NumberType type = NumberType.Choose(settings.NumberType, context, source.Folder, cancellation);
        using Checkpoint checkpoint = Checkpoint.Open(source.Folder);
        ModelPlan plan = checkpoint.Plan;
        ChosenExecutor executor = ChosenExecutor.For(settings.Executor, plan, type.Type);
        DerivedValue[] derived = [type.Derived, new DerivedValue("R12", "executor", executor.Name, executor.Reason)];
        using ITrainableTransformer model = executor.Load(checkpoint, type.Type);
        int length = settings.ContextLength ?? plan.Spec.ContextLength;
        if (length > plan.Spec.ContextLength)
        {
            throw new AthanorException($"context_length {length} is more than the {plan.Spec.ContextLength} that the model reads", $"set it to at most {plan.Spec.ContextLength}, or leave it out");
        }

        BatchSettings batch = new()
        {
            ContextLength = length,
            Rows = settings.BatchRows,
            MicroBatchRows = Math.Min(settings.BatchRows, settings.MicroBatchRows ?? Math.Max(1, 8192 / length)),
            Masked = settings.LossOnAnswersOnly,
            AttentionAcrossDocuments = settings.AttentionAcrossDocuments,
            PaddingToken = template.DocumentTokenId,
        };
        using MixedBatches batches = new(tokens, settings.Mixture ?? Conversations(tokens), batch, context.Random);
        long batchTokens = (long)settings.BatchRows * length;
        long wanted = settings.TrainingTokens ?? (long)(settings.Epochs * batches.Sources.Sum(part => part.RowsAnEpoch) * length);
        long steps = Math.Max(1, (long)Math.Round(wanted / (double)batchTokens));
        double flopPerToken = plan.TrainingFlopPerToken(length);
        TrainedPart[] mixture = [.. batches.Sources.Select(part => new TrainedPart(part.Name, batches.Shares[part.Name], steps * batchTokens * batches.Shares[part.Name] / (part.RowsAnEpoch * part.TokensARow)))];
        foreach (DerivedValue value in derived)
        {
            context.Progress.Say($"{value.Rule} {value.Setting} {value.Value} ({value.Source})");
        }

        PretrainStage.SayMixture(context.Progress, batches, mixture);
        context.Progress.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{plan.Parameters:N0} parameters, {steps:N0} steps of {batchTokens:N0} tokens: {steps * batchTokens / 1e6:F2} million tokens, {steps * batchTokens * flopPerToken:G3} FLOP"));

        using OptimizerSet optimizers = OptimizerSet.For(plan, model.Weights, new OptimizerSettings
        {
            Choice = settings.Optimizer,
            MatrixLearningRate = settings.MatrixLearningRate,
            LearningRate = settings.LearningRate,
            WeightDecay = settings.WeightDecay,
        });
        TrainingLoop loop = new(model, new CausalLanguageModelTask(batches, new CausalLanguageModelLoss()), optimizers, new TrainingLoopSettings
        {
            Name = "tuning",
            Steps = steps,
            Schedule = new LearningRateSchedule { Shape = settings.Schedule, WarmupSteps = (long)(settings.WarmupShare * steps), TotalSteps = steps, MinimumRate = settings.FinalLearningRateShare, DecaySteps = steps / 2 },
            ClipNorm = settings.ClipNorm == 0 ? null : settings.ClipNorm,
            FlopPerToken = flopPerToken,
            MatrixSpeed = type.MatrixSpeed,
            ValidationSteps = EvaluationSteps(steps, batchTokens, settings.ValidationEveryTokens, Validations),
            ProbeSteps = EvaluationSteps(steps, batchTokens, settings.ProbeEveryTokens, Probes),
            CheckpointInterval = TimeSpan.FromSeconds(settings.CheckpointSeconds),
            NumberType = type.Name,
            Executor = executor.Name,
        }, context)
        {
            Validation = new ValidationSet(tokens, batches.Shares.Keys, tokenizer, batch, settings.ValidationRows),
            Probe = AbilityAsking.Of(probe, settings.Corpus is null ? null : context.Input(settings.Corpus), plan, model, tokenizer),
        };
        loop.Run(cancellation);

        ModelFolder.Write(context.OutputFolder, plan, model.Weights, tokenizer);
        new TrainingReport
        {
            Derived = derived,
            Parameters = plan.Parameters,
            FlopPerToken = flopPerToken,
            Tokens = context.Cost.Tokens,
            Flop = context.Cost.Flop,
            Steps = steps,
            BatchTokens = batchTokens,
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
    private static long EvaluationSteps(long steps, long batchTokens, long? everyTokens, int looks) => Math.Max(1, everyTokens is { } every ? every / batchTokens : steps / looks);

    private static Dictionary<string, double> Conversations(Artifact tokens)
    {
        Dictionary<string, double> mixture = [];
        foreach (string name in TokenPart.NamesIn(tokens, CorpusLayout.Train))
        {
            using TokenPart part = TokenPart.Open(tokens, CorpusLayout.Train, name);
            if (part.HasMask && part.Tokens > 1)
            {
                mixture.Add(name, part.Tokens);
            }
        }

        return mixture.Count > 0 ? mixture : throw new AthanorException($"{tokens.Folder} has no conversations to tune on", "build a corpus with conversations, or name parts in mixture");
    }

    private static bool SameVocabulary(Tokenizer one, Tokenizer other) =>
        one.VocabularySize == other.VocabularySize && Enumerable.Range(0, one.VocabularySize).All(id => one.TokenOf(id) == other.TokenOf(id));
}
