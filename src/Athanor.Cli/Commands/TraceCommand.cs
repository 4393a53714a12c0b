using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Cli.CommandLine;
using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Core.Runs;
using Athanor.Corpora.Statistics;
using Athanor.Evaluation.Provenance;
using Athanor.Evaluation.Scores;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor trace</c>: where a score, an answer or a passage comes from.</summary>
internal static class TraceCommand
{
    private const int Shown = 10;
    private const int DigestLetters = 12;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        Argument<string> run = new("RUN") { Description = "A run's name or folder." };
        Argument<string?> what = new("SCORE|ANSWER") { Description = "A task such as chains.step, or a problem's name such as chains-test-0007; tune/chains.step is the model tune's only. Left out: the whole evaluation.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> text = new("--text") { Description = "Find the training documents that contain this passage, or its longest pieces.", HelpName = "text" };
        Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
        Command command = new("trace", "Walk back from a score or an answer to the files it was made from; find a passage in the training documents.") { run, what, text, json };
        command.SetAction((result, cancellation) =>
        {
            string folder = Find(result.GetRequiredValue(run));
            JsonObject found = result.GetValue(text) is { } passage ? Passages(folder, passage, cancellation) : Trace(folder, result.GetValue(what), cancellation);
            TextWriter output = result.InvocationConfiguration.Output;
            if (result.GetValue(json))
            {
                output.WriteLine(found.ToJsonString(Json));
            }
            else
            {
                Write(found, output);
            }

            return Task.FromResult(CommandFrame.Done);
        });
        return command;
    }

    private static string Find(string run)
    {
        string named = Path.Combine("runs", run);
        return Directory.Exists(run) ? run : Directory.Exists(named) ? named : throw new AthanorException($"no run {run}: there is no such folder, and none of that name in runs/", "name a run or its folder, such as quickstart; make one with: ./athanor run recipes/quickstart.yaml");
    }

    private static JsonObject Passages(string run, string passage, CancellationToken cancellation)
    {
        Artifact tokens = Stages(run).FirstOrDefault(artifact => artifact.Manifest.Kind == ArtifactKind.Tokens) ?? throw new AthanorException($"{run} has no finished tokens.encode stage", "finish the run first");
        Artifact? corpus = Stages(run).FirstOrDefault(artifact => artifact.Manifest.Kind == ArtifactKind.Corpus && tokens.Manifest.Inputs.Values.Contains(artifact.Manifest.Key));
        return new JsonObject { ["passages"] = JsonSerializer.SerializeToNode(PassageSearch.Find(tokens, corpus, passage, Shown, cancellation), Json) };
    }

    private static JsonObject Trace(string run, string? what, CancellationToken cancellation)
    {
        Artifact evaluation = Stages(run).LastOrDefault(artifact => artifact.Manifest.Kind == ArtifactKind.Scores) ?? throw new AthanorException($"{run} has no finished model.evaluate stage", "finish the run first");
        EvaluationScores scores = EvaluationScores.Read(evaluation.Folder);
        JsonObject traced = [];
        if (what is not null)
        {
            string? model = scores.Models.Select(one => one.Name).FirstOrDefault(name => what.StartsWith($"{name}/", StringComparison.Ordinal));
            string name = model is null ? what : what[(model.Length + 1)..];
            Score[] found = [.. scores.Scores.Where(score => score.Task == name && score.Group is null && (model is null || score.Model == model))];
            if (found.Length > 0)
            {
                traced["scores"] = JsonSerializer.SerializeToNode(found, Json);
            }
            else
            {
                EvaluatedSample[] samples = [.. scores.Tasks.Where(task => evaluation.Has(EvaluationScores.Samples(task.Name)))
                    .SelectMany(task => JsonLines.Read<EvaluatedSample>(evaluation.PathOf(EvaluationScores.Samples(task.Name))))
                    .Where(sample => sample.Id == name && (model is null || sample.Model == model))];
                traced["answers"] = samples.Length > 0 ? JsonSerializer.SerializeToNode(samples, Json) : throw new AthanorException(
                    $"{what} is neither a task nor a problem of {run}", $"tasks: {string.Join(", ", scores.Tasks.Select(task => task.Name))}; problems have names such as {FirstProblem(evaluation, scores)}");
            }
        }

        traced["lineage"] = new JsonArray([.. Lineage.Of(run, Path.GetFileName(evaluation.Folder), cancellation).Select(Step)]);
        return traced;
    }

    private static string FirstProblem(Artifact evaluation, EvaluationScores scores) => scores.Tasks.Where(task => evaluation.Has(EvaluationScores.Samples(task.Name)))
        .SelectMany(task => JsonLines.Read<EvaluatedSample>(evaluation.PathOf(EvaluationScores.Samples(task.Name))).Take(1)).FirstOrDefault()?.Id ?? "none here";

    private static JsonNode Step(LineageStep step)
    {
        JsonObject json = new() { ["name"] = step.Name, ["digest"] = step.Digest, ["state"] = step.State.ToString().ToLowerInvariant(), ["fault"] = step.Fault };
        if (step.Artifact is { } artifact)
        {
            json["stage"] = artifact.Manifest.Stage;
            json["made"] = artifact.Manifest.Created.ToString("u", CultureInfo.InvariantCulture);
            json["facts"] = new JsonArray([.. Facts(artifact).Select(fact => JsonValue.Create(fact))]);
            json["from"] = new JsonArray([.. step.Inputs.Select(input => JsonValue.Create(input))]);
        }

        return json;
    }

    private static IEnumerable<string> Facts(Artifact artifact)
    {
        switch (artifact.Manifest.Kind)
        {
            case ArtifactKind.Corpus when artifact.Has(CorpusLayout.Statistics):
                CorpusStatistics corpus = CorpusStatistics.Read(artifact.PathOf(CorpusLayout.Statistics));
                foreach (SourceStatistics source in corpus.Sources)
                {
                    yield return string.Create(CultureInfo.InvariantCulture, $"source {source.Name}: {source.Files:N0} files, {source.Bytes:N0} bytes, {source.Digest[..Math.Min(DigestLetters, source.Digest.Length)]}…");
                }

                foreach (RemovalStatistics removal in corpus.Removals)
                {
                    yield return string.Create(CultureInfo.InvariantCulture, $"filter {removal.Part}/{removal.Step}: {removal.Removed:N0} of {removal.Seen:N0} documents removed");
                }

                break;
            case ArtifactKind.Tokens or ArtifactKind.Model when artifact.Manifest.Cost.Tokens > 0:
                yield return string.Create(CultureInfo.InvariantCulture, $"{artifact.Manifest.Cost.Tokens:N0} tokens, {artifact.Manifest.Cost.Flop:0.##e+0} FLOP");
                break;
        }

        foreach (string file in (string[])["model.safetensors", "tokenizer.json"])
        {
            if (artifact.Manifest.Files.TryGetValue(file, out ArtifactFile? noted))
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{file}: {noted.Bytes:N0} bytes, {noted.Sha256[..DigestLetters]}…");
            }
        }
    }

    private static List<Artifact> Stages(string run) =>
    [
        .. Directory.EnumerateDirectories(run).Where(folder => File.Exists(Path.Combine(folder, ArtifactManifest.FileName))).Select(Artifact.Open)
            .OrderBy(artifact => artifact.Manifest.Created).ThenBy(artifact => artifact.Folder, StringComparer.Ordinal),
    ];

    private static void Write(JsonObject found, TextWriter output)
    {
        string Text(JsonNode? node) => TerminalText.Safe(node?.ToString() ?? "");
        foreach (JsonNode? match in found["passages"]?.AsArray() ?? [])
        {
            output.WriteLine($"{match!["bytes"]} bytes in {Text(match["part"])} document {match["number"]}{(match["id"] is { } id ? $", {Text(id)}" : "")}");
            output.WriteLine($"  …{Text(match["before"])}[{Text(match["text"])}]{Text(match["after"])}…".ReplaceLineEndings("⏎"));
        }

        if (found["passages"] is JsonArray { Count: 0 })
        {
            output.WriteLine("no training document contains a byte of it");
        }

        foreach (JsonNode? score in found["scores"]?.AsArray() ?? [])
        {
            output.WriteLine($"{Text(score!["model"])} {Text(score["task"])}, {score["shots"]} shots: {Text(score["metric"])} {score["value"]!.GetValue<double>():F4} ± {score["standard_error"]!.GetValue<double>():F4} over {score["count"]}");
        }

        foreach (JsonNode? answer in found["answers"]?.AsArray() ?? [])
        {
            output.WriteLine($"{Text(answer!["model"])} {Text(answer["task"])} {Text(answer["id"])}");
            output.WriteLine($"  prompt    {Text(answer["prompt"])}".ReplaceLineEndings("⏎"));
            output.WriteLine($"  answer    {Text(answer["answer"])}".ReplaceLineEndings("⏎"));
            output.WriteLine($"  expected  {Text(answer["expected"])}".ReplaceLineEndings("⏎"));
            output.WriteLine($"  values    {string.Join(", ", answer["values"]!.AsObject().Select(pair => $"{pair.Key} {pair.Value}"))}");
        }

        foreach (JsonNode? step in found["lineage"]?.AsArray() ?? [])
        {
            output.WriteLine($"{Text(step!["name"])}{(step["stage"] is { } stage ? $" · {Text(stage)}" : "")} · {Text(step["digest"])[..Math.Min(DigestLetters, Text(step["digest"]).Length)]}… · {(step["fault"] is { } fault ? Text(fault).ToUpperInvariant() : "as it was")}");
            foreach (JsonNode? fact in step["facts"]?.AsArray() ?? [])
            {
                output.WriteLine($"  {Text(fact)}");
            }

            if (step["from"] is JsonArray { Count: > 0 } from)
            {
                output.WriteLine($"  made from {string.Join(", ", from.Select(Text))}");
            }
        }
    }
}
