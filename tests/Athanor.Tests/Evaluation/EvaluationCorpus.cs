using System.Text.Json.Nodes;
using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Files;

namespace Athanor.Tests.Evaluation;

/// <summary>A small corpus on disk with problems of every shape.</summary>
internal sealed class EvaluationCorpus : IDisposable
{
    public const int Chains = 12;
    public const int Questions = 7;

    public EvaluationCorpus(string split = CorpusLayout.Test)
    {
        Folder = Directory.CreateTempSubdirectory("athanor-evaluation-").FullName;
        (string Expression, string Steps, string Result)[] chains =
            [.. Enumerable.Range(0, Chains).Select(index => ($"{9 - (index % 4)} + {1 + (index % 5)} - {index % 3} = ?", StepsOf(9 - (index % 4), 1 + (index % 5), index % 3), $"{9 - (index % 4) + 1 + (index % 5) - (index % 3)}"))];
        Write(split, "chains.step", chains.DistinctBy(chain => chain.Expression).Select((chain, index) => Problem("chains.step", index, $"Step by step: {chain.Expression}", chain.Result)));
        Write(split, "chains.direct", chains.DistinctBy(chain => chain.Expression).Select((chain, index) => Problem("chains.direct", index, chain.Expression, chain.Result)));
        Write(split, "operations", Enumerable.Range(1, 6).Select(index => Problem("operations", index, $"{index + 3} ? {index} =", "3") with
        {
            Examples = [.. Enumerable.Range(1, 4).Select(other => new Exchange($"{other + 4} ? {other} =", "4"))],
        }));
        Write(split, "multiple_choice", Enumerable.Range(0, Questions).Select(index => Problem("multiple_choice", index, $"Describe Stack{index}.Pop without its name.", "Removes the item of the _.") with
        {
            Choices = [.. Enumerable.Range(0, 4).Select(choice => (choice + index) % 4 == 0 ? "Removes the item of the _." : $"Gets another thing {new string('x', choice)}.")],
            NeutralMessages = [new ChatMessage(ChatMessage.User, "Describe it without its name.")],
            Metadata = new JsonObject { ["parameters"] = new JsonArray("item") },
        }));
        Write(split, "closed_book", Enumerable.Range(0, 4).Select(index => Problem("closed_book", index, $"What does Stack.Pop{index} do?", "Removes the top item.") with { Metadata = new JsonObject { ["known"] = index % 2 == 0 } }));
        JsonLines.Write(Path.Combine(Folder, CorpusLayout.Documents(split, "documentation")), Enumerable.Range(0, 5).Select(index => new Document { Id = $"type{index}", Text = string.Concat(Enumerable.Repeat($"Reads line {index}. ", 1 + (3 * index))) }));
        JsonLines.Write(Path.Combine(Folder, CorpusLayout.Documents(split, "conversations")), Enumerable.Range(0, 3).Select(index => new Document
        {
            Id = $"talk{index}",
            Messages = [new ChatMessage(ChatMessage.User, "What is é?"), new ChatMessage(ChatMessage.Assistant, $"A letter, {index}.")],
        }));
    }

    public string Folder { get; }

    public static string StepsOf(int a, int b, int c) => $"{a} + {b} = {a + b} ; {a + b} - {c} = {a + b - c} ; answer {a + b - c}";

    public Artifact Open() => Open(Folder, ArtifactKind.Corpus);

    /// <summary>Makes a folder an artifact.</summary>
    public static Artifact Open(string folder, ArtifactKind kind, string settings = "{}", long tokens = 0)
    {
        AtomicFile.WriteText(Path.Combine(folder, ArtifactManifest.FileName), $$"""
            {
              "kind": "{{kind.ToString().ToLowerInvariant()}}", "key": "k", "stage": "test", "stage_version": 1, "settings": {{settings}}, "inputs": {}, "files": {},
              "cost": { "seconds": 0, "peak_memory_bytes": 0, "tokens": {{tokens}}, "flop": 0 },
              "machine": { "processor": "", "cores": 1, "memory_bytes": 1, "operating_system": "", "framework": "", "vectors": "" },
              "created": "2026-01-01T00:00:00Z"
            }
            """);
        return Artifact.Open(folder);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static Problem Problem(string task, int index, string question, string answer)
        => new() { Id = $"{task}/{index}", Task = task, Messages = [new ChatMessage(ChatMessage.User, question)], Answer = answer };

    private void Write(string split, string task, IEnumerable<Problem> problems) => JsonLines.Write(Path.Combine(Folder, CorpusLayout.Problems(split, task)), problems);
}
