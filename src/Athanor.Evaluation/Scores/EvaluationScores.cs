using System.Text.Json;
using System.Text.Json.Serialization;
using Athanor.Core.Errors;
using Athanor.Core.Files;

namespace Athanor.Evaluation.Scores;

/// <summary>What an evaluation found: <c>scores.json</c> of a scores artifact. Reports and comparisons draw from it alone.</summary>
public sealed record EvaluationScores
{
    /// <summary>The name of the file in the artifact.</summary>
    public const string FileName = "scores.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The file of all samples of one task, relative to the artifact.</summary>
    public static string Samples(string task) => $"samples/{task}.jsonl.zst";

    /// <summary>The split that was asked.</summary>
    public required string Split { get; init; }

    /// <summary>Who was asked, in the order of the settings; n-gram models last.</summary>
    public required IReadOnlyList<EvaluatedModel> Models { get; init; }

    /// <summary>What was asked.</summary>
    public required IReadOnlyList<TaskDescription> Tasks { get; init; }

    /// <summary>One score a model, task, number of shots, metric and group.</summary>
    public required IReadOnlyList<Score> Scores { get; init; }

    /// <summary>Differences between two sides that answered the same problems, with the standard error of the difference.</summary>
    public required IReadOnlyList<PairedDifference> Differences { get; init; }

    /// <summary>Why chains fail, counted over all steps; empty where no chains were asked step by step.</summary>
    public IReadOnlyList<StepAnalysis> Steps { get; init; } = [];

    /// <summary>Tasks that were left out, each with the reason.</summary>
    public IReadOnlyDictionary<string, string> LeftOut { get; init; } = new Dictionary<string, string>();

    /// <summary>The scores as the text of <see cref="FileName"/>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Writes <see cref="FileName"/> into a folder.</summary>
    /// <exception cref="AthanorException">The file cannot be written.</exception>
    public void Write(string folder) => AtomicFile.WriteText(Path.Combine(folder, FileName), ToJson() + "\n");

    /// <summary>Reads the scores of an artifact's folder.</summary>
    /// <exception cref="AthanorException">The file is missing or malformed.</exception>
    public static EvaluationScores Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<EvaluationScores>(stream, Json) ?? throw new JsonException("the file is empty");
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", "name the folder of a finished model.evaluate stage, or run it again", exception);
        }
    }

    /// <summary>The score of a model in a task's main metric, on the whole or a group of it; null where it was not asked.</summary>
    public Score? Find(string model, string task, int shots = 0, string? group = null)
        => Scores.FirstOrDefault(score => score.Model == model && score.Task == task && score.Shots == shots && score.Group == group);
}

/// <summary>A model that was asked.</summary>
/// <param name="Name">Its name in this evaluation.</param>
/// <param name="Description">What it is, a few words.</param>
/// <param name="Parameters">How many weights it has; for an n-gram model how many n-grams it keeps.</param>
/// <param name="TrainingTokens">How many tokens it was trained on; null where nobody says.</param>
/// <param name="IsNGram">Whether it is a model of counts, put beside the others as a baseline.</param>
public sealed record EvaluatedModel(string Name, string Description, long Parameters, long? TrainingTokens, bool IsNGram);

/// <summary>A task in words.</summary>
/// <param name="Name">Its name, such as <c>chains.step</c>.</param>
/// <param name="Measures">What it measures, one sentence.</param>
/// <param name="Metrics">Its metrics, the main one first.</param>
/// <param name="LowerIsBetter">Whether a smaller value is a better one.</param>
/// <param name="Note">What a reader must know to judge the score; null where nothing.</param>
public sealed record TaskDescription(string Name, string Measures, IReadOnlyList<string> Metrics, bool LowerIsBetter, string? Note);

/// <summary>How well a model did.</summary>
public sealed record Score
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The task's name.</summary>
    public required string Task { get; init; }

    /// <summary>How many solved examples stood before each question.</summary>
    public required int Shots { get; init; }

    /// <summary>The metric, such as <c>exact_match</c>.</summary>
    public required string Metric { get; init; }

    /// <summary>The part of the task; null for the whole.</summary>
    public string? Group { get; init; }

    /// <summary>The mean over the problems (for bits per byte: over the bytes).</summary>
    public required double Value { get; init; }

    /// <summary>Its standard error over problems; 0 where there is one problem only.</summary>
    public required double StandardError { get; init; }

    /// <summary>How many problems or documents.</summary>
    public required int Count { get; init; }

    /// <summary>What blind guessing reaches; null where guessing means nothing.</summary>
    public double? Chance { get; init; }

    /// <summary>What trivial answerers reach on the same problems.</summary>
    public IReadOnlyList<BaselineScore> Baselines { get; init; } = [];
}

/// <summary>What a trivial answerer reaches.</summary>
/// <param name="Name">How it answers, such as <c>longest choice</c>.</param>
/// <param name="Value">Its score on the same problems.</param>
public sealed record BaselineScore(string Name, double Value);

/// <summary>What two sides of a difference differ in.</summary>
public enum DifferenceKind
{
    /// <summary>Two models on the same problems, such as after and before tuning.</summary>
    Models,

    /// <summary>The same problems with more and with fewer solved examples before them.</summary>
    Shots,

    /// <summary>The same problems asked in two ways, such as step by step and directly.</summary>
    Variants,

    /// <summary>A model and blind guessing.</summary>
    Chance,

    /// <summary>A model and a trivial answerer.</summary>
    Baseline,
}

/// <summary>By how much one side is ahead of the other; the standard error is that of the paired difference, problem by problem.</summary>
public sealed record PairedDifference
{
    /// <summary>What the sides differ in.</summary>
    public required DifferenceKind Kind { get; init; }

    /// <summary>The model, or the first of the two.</summary>
    public required string Model { get; init; }

    /// <summary>The task, or that of the first side.</summary>
    public required string Task { get; init; }

    /// <summary>Solved examples before each question, on the first side.</summary>
    public required int Shots { get; init; }

    /// <summary>The metric.</summary>
    public required string Metric { get; init; }

    /// <summary>The part of the task; null for the whole.</summary>
    public string? Group { get; init; }

    /// <summary>The other side: a model, a task, a number of shots, <c>chance</c> or a baseline.</summary>
    public required string Against { get; init; }

    /// <summary>First side minus other side.</summary>
    public required double Value { get; init; }

    /// <summary>The difference's standard error.</summary>
    public required double StandardError { get; init; }

    /// <summary>How many problems both sides answered.</summary>
    public required int Count { get; init; }

    /// <summary>How many standard errors the difference is; 0 where the standard error is 0.</summary>
    public double StandardErrors => StandardError > 0 ? Value / StandardError : 0;
}

/// <summary>Why chains fail: shares over all steps that the questions needed.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Task">The task's name.</param>
/// <param name="Chains">How many chains were read.</param>
/// <param name="Steps">How many steps their questions need.</param>
/// <param name="LengthRight">The share of chains with the right number of steps.</param>
/// <param name="OperandRight">The share of steps with the question's operator and operand at that place.</param>
/// <param name="ArithmeticRight">The share of steps whose result follows from what they say.</param>
/// <param name="CarriedRight">The share of steps that go on from the result before.</param>
public sealed record StepAnalysis(string Model, string Task, int Chains, int Steps, double LengthRight, double OperandRight, double ArithmeticRight, double CarriedRight);
