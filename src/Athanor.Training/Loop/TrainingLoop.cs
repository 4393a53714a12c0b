using System.Globalization;
using Athanor.Core.Errors;
using Athanor.Core.Metrics;
using Athanor.Core.Stages;
using Athanor.Models.LanguageModels;
using Athanor.Torch.Executors;
using Athanor.Torch.Measuring;
using Athanor.Training.Checkpoints;
using Athanor.Training.Data;
using Athanor.Training.Optimizers;
using TorchSharp;

namespace Athanor.Training.Loop;

/// <summary>
/// Trains a model: updates with accumulation, clipping, schedule and optimizers; validation, the ability probe, metrics and checkpoints on the way. A run that was cut
/// anywhere goes on from its last checkpoint as if it had never been cut (same threads, same type). An update whose loss or gradient is not finite is left out and counted.
/// </summary>
public sealed class TrainingLoop
{
    private const int RateEverySteps = 10;
    private const int EstimateAfterSteps = 10;
    private const int WarmSteps = 2;

    private readonly ITrainableTransformer _model;
    private readonly ITrainingTask _task;
    private readonly OptimizerSet _optimizers;
    private readonly TrainingLoopSettings _settings;
    private readonly StageContext _context;
    private readonly TrainingCheckpoint _checkpoints;
    private long _step;
    private long _skipped;
    private int _skippedInARow;
    private long _saved = -1;
    private long _evaluated = -1;
    private double _pausedSeconds;

    /// <summary>Prepares a training.</summary>
    /// <param name="model">The model, initialised.</param>
    /// <param name="task">What it learns.</param>
    /// <param name="optimizers">How its weights change.</param>
    /// <param name="settings">How the loop runs.</param>
    /// <param name="context">Where metrics, progress and checkpoints go, and the clock.</param>
    public TrainingLoop(ITrainableTransformer model, ITrainingTask task, OptimizerSet optimizers, TrainingLoopSettings settings, StageContext context)
    {
        _model = model;
        _task = task;
        _optimizers = optimizers;
        _settings = settings;
        _context = context;
        _checkpoints = new TrainingCheckpoint(context.CheckpointFolder);
    }

    /// <summary>Measured on fixed windows at the beginning, every so often and at the end; null measures nothing.</summary>
    public ValidationSet? Validation { get; init; }

    /// <summary>Asked every so often what the model can do; null asks nothing.</summary>
    public Func<CancellationToken, AbilityReading>? Probe { get; init; }

    /// <summary>Updates left out so far because loss or gradient was not finite.</summary>
    public long SkippedSteps => _skipped;

    /// <summary>Trains to the end.</summary>
    /// <exception cref="AthanorException">The loss stays not finite, or a checkpoint cannot be written or read.</exception>
    /// <exception cref="OperationCanceledException">Training was asked to stop; a checkpoint of the last update was written.</exception>
    public void Run(CancellationToken cancellation)
    {
        Resume();
        using TensorBoardWriter events = TensorBoardWriter.Follow(_context.Metrics, Path.Combine(_context.OutputFolder, TensorBoardWriter.FolderName), _context.Clock);
        using IProgressTask progress = _context.Progress.Begin(_settings.Name, _settings.Steps, "steps");
        if (IsEvaluationDue() && _evaluated != _step)
        {
            Evaluate(cancellation);
        }

        long lastSave = _context.Clock.GetTimestamp();
        long mark = lastSave;
        long markStep = _step;
        long markTokens = _context.Cost.Tokens;
        double speed = 0;
        long first = _step;
        _pausedSeconds = 0;
        try
        {
            while (_step < _settings.Steps)
            {
                cancellation.ThrowIfCancellationRequested();
                StepFigures figures = Update();
                Dictionary<string, double> values = new() { ["train/loss"] = figures.Loss, ["train/learning_rate"] = figures.LearningRate, ["train/gradient_norm"] = figures.GradientNorm };
                if (_skipped > 0)
                {
                    values["train/skipped_steps"] = _skipped;
                }

                if (_step - first == WarmSteps)
                {
                    // the first steps compile and fault pages in
                    (mark, markStep, markTokens, _pausedSeconds) = (_context.Clock.GetTimestamp(), _step, _context.Cost.Tokens, 0);
                }
                else if (_step - markStep >= RateEverySteps || _step == _settings.Steps || _step - first == EstimateAfterSteps)
                {
                    double seconds = _context.Clock.GetElapsedTime(mark).TotalSeconds - _pausedSeconds;
                    speed = (_context.Cost.Tokens - markTokens) / Math.Max(seconds, 1e-9);
                    values["train/tokens_per_second"] = speed;
                    if (_settings.MatrixSpeed is { } matrixSpeed)
                    {
                        values["train/gemm_share"] = speed * _settings.FlopPerToken / matrixSpeed;
                    }

                    if (_step - first == EstimateAfterSteps)
                    {
                        SayEstimate(seconds / (_step - markStep));
                    }

                    (mark, markStep, markTokens, _pausedSeconds) = (_context.Clock.GetTimestamp(), _step, _context.Cost.Tokens, 0);
                }

                _context.Metrics.Append(_step, values);
                progress.Report(_step, string.Create(CultureInfo.InvariantCulture, $"loss {figures.Loss:F3}, {speed:F0} tokens/s"));
                if (IsEvaluationDue())
                {
                    Evaluate(cancellation);
                }

                if (_context.Clock.GetElapsedTime(lastSave) >= _settings.CheckpointInterval && _step < _settings.Steps)
                {
                    Save();
                    lastSave = _context.Clock.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException) when (_step > 0)
        {
            Save();
            throw;
        }

        _context.Metrics.Flush();
        if (_skipped > 0)
        {
            _context.Progress.Warn($"{_skipped} of {_settings.Steps} updates were left out because loss or gradient was not finite");
        }
    }

    private void Resume()
    {
        TrainingState? state = _checkpoints.Load(_model, _optimizers, _context.Progress);
        if (state is null)
        {
            // whatever an earlier attempt measured before its first checkpoint
            _context.Metrics.CutAfter(-1);
            return;
        }

        string backend = Float32Products.Current.ToString();
        if (state.NumberType != _settings.NumberType || state.Threads != torch.get_num_threads() || (state.Backend ?? backend) != backend || (state.Executor ?? _settings.Executor) != _settings.Executor)
        {
            _context.Progress.Warn($"the last bits may differ from those of an undisturbed run: the checkpoint was made in {state.NumberType} with {state.Backend ?? backend}, the {state.Executor ?? _settings.Executor} executor and {state.Threads} threads; training goes on in {_settings.NumberType} with {backend}, the {_settings.Executor} executor and {torch.get_num_threads()} threads");
        }

        _step = state.Step;
        _saved = state.Step;
        _evaluated = state.EvaluatedStep;
        _skipped = state.SkippedSteps;
        _context.Cost.Tokens = state.Tokens;
        _context.Cost.Flop = state.Flop;
        _context.Metrics.CutAfter(_step);
        _context.Progress.Say($"{_settings.Name} goes on after step {_step:N0} of {_settings.Steps:N0}");
    }

    private StepFigures Update()
    {
        IReadOnlyList<TrainingBatch> batches = _task.Batches(_step);
        StepLoss loss = TrainingStep.Accumulate(_model, _task, batches);
        double factor = _settings.Schedule.At(_step + 1);
        double norm = TrainingStep.Norm(_model);
        bool usable = double.IsFinite(loss.Loss) && double.IsFinite(norm);
        if (usable && loss.Targets > 0)
        {
            _optimizers.Step(_model.Gradients, factor, _settings.ClipNorm is { } maximum ? GradientClipping.Coefficient(norm, maximum) : 1);
        }

        _step++;
        long tokens = batches.Sum(batch => (long)batch.Tokens.Rows * batch.Tokens.Length);
        _context.Cost.Tokens += tokens;
        _context.Cost.Flop += tokens * _settings.FlopPerToken;
        if (usable)
        {
            _skippedInARow = 0;
        }
        else
        {
            _skipped++;
            _skippedInARow++;
            _context.Progress.Warn($"step {_step}: loss {loss.Loss} and gradient norm {norm} are not both finite; the update is left out");
            if (_skippedInARow >= _settings.BadStepsAllowed)
            {
                throw new AthanorException(
                    $"{_settings.Name} has diverged: {_skippedInARow} updates in a row up to step {_step} had no finite loss and gradient",
                    "lower learning_rate or matrix_learning_rate, or lengthen warmup_share, and run again");
            }
        }

        return new StepFigures(loss.Loss, factor * _optimizers.Members[0].LearningRate, norm);
    }

    private bool IsValidationDue() => Validation is not null && (_step % _settings.ValidationSteps == 0 || _step == _settings.Steps);

    private bool IsProbeDue() => Probe is not null && _step > 0 && _settings.ProbeSteps > 0 && (_step % _settings.ProbeSteps == 0 || _step == _settings.Steps);

    private bool IsEvaluationDue() => IsValidationDue() || IsProbeDue();

    // Nothing is kept until all is measured: whoever resumes in between measures anew.
    private void Evaluate(CancellationToken cancellation)
    {
        long begin = _context.Clock.GetTimestamp();
        Dictionary<string, double> values = IsValidationDue() ? new(Validation!.Measure(_model, cancellation)) : [];
        if (IsProbeDue())
        {
            AbilityReading reading = Probe!(cancellation);
            foreach ((string name, double value) in reading.Values)
            {
                values[name] = value;
            }

            foreach ((string name, string text) in reading.Texts)
            {
                _context.Metrics.AppendText(_step, name, text);
            }
        }

        _context.Metrics.Append(_step, values);
        _evaluated = _step;
        _pausedSeconds += _context.Clock.GetElapsedTime(begin).TotalSeconds;
    }

    private void Save()
    {
        if (_saved == _step)
        {
            return;
        }

        // a checkpoint whose metrics are not yet on disk could not be resumed exactly
        _context.Metrics.Flush();
        Dictionary<string, long> steps = _optimizers.Members.ToDictionary(member => member.Name, member => member.Optimizer.Steps);
        _checkpoints.Save(_model, _optimizers, new TrainingState(_step, _evaluated, _skipped, _context.Cost.Tokens, _context.Cost.Flop, steps, _settings.NumberType, torch.get_num_threads(), Float32Products.Current.ToString(), _settings.Executor));
        _saved = _step;
    }

    private void SayEstimate(double secondsAStep)
    {
        TimeSpan left = TimeSpan.FromSeconds(secondsAStep * (_settings.Steps - _step));
        string text = left.TotalHours >= 1 ? $"{(int)left.TotalHours} h {left.Minutes} min" : left.TotalMinutes >= 1 ? $"{(int)left.TotalMinutes} min {left.Seconds} s" : $"{left.Seconds} s";
        _context.Progress.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{_settings.Name}: {_settings.Steps - _step:N0} steps to go at {secondsAStep * 1000:F0} ms each: about {text}, validation and probes aside"));
    }

    private readonly record struct StepFigures(double Loss, double LearningRate, double GradientNorm);
}
