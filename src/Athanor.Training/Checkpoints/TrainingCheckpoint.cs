using System.Text.Json;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Core.Stages;
using Athanor.Torch.Executors;
using Athanor.Training.Optimizers;
using TorchSharp;

namespace Athanor.Training.Checkpoints;

/// <summary>What training knows beside tensors. Data and random streams are functions of seed and step, so the step is their position.</summary>
/// <param name="Step">Updates passed, skipped ones among them.</param>
/// <param name="EvaluatedStep">The last step whose validation and probe are among the metrics; −1 before the first.</param>
/// <param name="SkippedSteps">Updates left out because loss or gradient was not finite.</param>
/// <param name="Tokens">Tokens trained on.</param>
/// <param name="Flop">Floating-point operations spent.</param>
/// <param name="OptimizerSteps">Updates each optimizer made.</param>
/// <param name="NumberType">The type the model computes in.</param>
/// <param name="Threads">Threads libtorch ran on: another number may change the last bits.</param>
/// <param name="Backend">The library of single-precision products, which changes the last bits as well; null where it was not noted.</param>
/// <param name="Executor">The executor, which changes the last bits as well; null where it was not noted.</param>
public sealed record TrainingState(long Step, long EvaluatedStep, long SkippedSteps, long Tokens, double Flop, IReadOnlyDictionary<string, long> OptimizerSteps, string NumberType, int Threads, string? Backend = null, string? Executor = null);

/// <summary>
/// Checkpoints of a training: folders <c>step-N</c> with weights, optimizer state and <see cref="TrainingState"/>. A folder gets its name when it is whole; the last two stay.
/// </summary>
/// <param name="folder">Where they are kept.</param>
public sealed class TrainingCheckpoint(string folder)
{
    private const string Weights = "weights.safetensors";
    private const string OptimizerState = "optimizer.safetensors";
    private const string State = "state.json";
    private const string Prefix = "step-";
    private const int Kept = 2;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Writes a checkpoint and deletes all but the last two.</summary>
    public void Save(ITrainableTransformer model, OptimizerSet optimizers, TrainingState state)
    {
        Directory.CreateDirectory(folder);
        string name = FormattableString.Invariant($"{Prefix}{state.Step:D10}");
        string final = Path.Combine(folder, name);
        string temporary = Path.Combine(folder, $"{name}.part");
        Delete(temporary);
        try
        {
            Directory.CreateDirectory(temporary);
            TensorFile.Write(Path.Combine(temporary, Weights), model.Weights);
            TensorFile.Write(Path.Combine(temporary, OptimizerState), StateOf(optimizers));
            AtomicFile.WriteText(Path.Combine(temporary, State), JsonSerializer.Serialize(state, Json));
            Delete(final);
            AtomicFile.MoveFolder(temporary, final);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{final} cannot be written: {exception.Message}", "free disk space or permit writing there, then run the same command again: it goes on from the checkpoint before", exception);
        }

        foreach (string old in Finished().Skip(Kept))
        {
            Delete(old);
        }
    }

    /// <summary>Restores the newest checkpoint that can be read; says so when it had to leave one out.</summary>
    /// <returns>Its state, or null where there is no checkpoint.</returns>
    /// <exception cref="AthanorException">There are checkpoints, but none can be read.</exception>
    public TrainingState? Load(ITrainableTransformer model, OptimizerSet optimizers, IProgressReporter progress)
    {
        AthanorException? last = null;
        foreach (string path in Finished())
        {
            try
            {
                TrainingState state = ReadState(path);
                TensorFile.ReadInto(Path.Combine(path, OptimizerState), StateOf(optimizers));
                TensorFile.ReadInto(Path.Combine(path, Weights), model.Weights);
                foreach (OptimizerMember member in optimizers.Members)
                {
                    member.Optimizer.Steps = state.OptimizerSteps[member.Name];
                }

                return state;
            }
            catch (AthanorException exception)
            {
                progress.Warn($"a checkpoint is left out: {exception.Message}");
                last = exception;
            }
        }

        return last is null ? null : throw last;
    }

    /// <summary>The state of the newest checkpoint, if there is one that can be read.</summary>
    public TrainingState? Peek()
    {
        foreach (string path in Finished())
        {
            try
            {
                return ReadState(path);
            }
            catch (AthanorException)
            {
                // Load says so
            }
        }

        return null;
    }

    private static Dictionary<string, torch.Tensor> StateOf(OptimizerSet optimizers) =>
        optimizers.Members.SelectMany(member => member.Optimizer.State.Select(pair => KeyValuePair.Create($"{member.Name}/{pair.Key}", pair.Value))).ToDictionary();

    private static TrainingState ReadState(string path)
    {
        string file = Path.Combine(path, State);
        try
        {
            TrainingState? state = JsonSerializer.Deserialize<TrainingState>(File.ReadAllText(file), Json);
            return state is { Step: >= 0, OptimizerSteps: not null } ? state : throw new JsonException("it lacks the step or the optimizers' steps");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new AthanorException($"{file}: {exception.Message}", "delete the checkpoint's folder to begin anew", exception);
        }
    }

    private IEnumerable<string> Finished() => Directory.Exists(folder)
        ? [.. Directory.EnumerateDirectories(folder, $"{Prefix}*").Where(path => !path.EndsWith(".part", StringComparison.Ordinal)).OrderDescending(StringComparer.Ordinal)]
        : [];

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
