using System.Text.Json;
using Athanor.Cli.Commands;
using Athanor.Core.Artifacts;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Xunit;

namespace Athanor.Tests.Cli;

public sealed class BenchPlanCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_predicted_is_set_beside_what_happened()
    {
        Write("one", new ExpectedCost(12, 300, 60, 0), new ArtifactCost(10, 400, 0, 0));
        Write("two", new ExpectedCost(6, 500, 40, 0), new ArtifactCost(10, 400, 0, 0));
        Write("three", null, new ArtifactCost(1000, 4000, 0, 0));
        BenchPlanCommand.Outcome outcome = BenchPlanCommand.Of(_folder["run"]);
        Assert.Equal(("run", -0.1, 0.25, 0.0), (outcome.Run, outcome.Seconds.Error, outcome.Memory.Error, outcome.Disk.Error));
    }

    [Fact]
    public void A_run_whose_cost_nobody_predicted_is_refused()
    {
        Write("one", null, new ArtifactCost(10, 400, 0, 0));
        Assert.Contains("predicted", Assert.Throws<AthanorException>(() => BenchPlanCommand.Of(_folder["run"])).Message, StringComparison.Ordinal);
        Assert.Throws<AthanorException>(() => BenchPlanCommand.Of(_folder["none"]));
    }

    private void Write(string stage, ExpectedCost? expected, ArtifactCost cost)
    {
        ArtifactManifest manifest = new()
        {
            Kind = ArtifactKind.Corpus,
            Key = new string('a', 64),
            Stage = "corpus.build",
            StageVersion = 1,
            Settings = JsonSerializer.SerializeToElement(new { }),
            Inputs = new Dictionary<string, string>(),
            Files = new Dictionary<string, ArtifactFile> { ["text"] = new(50, new string('b', 64)) },
            Cost = cost,
            Expected = expected,
            Machine = new MachineFacts("processor", 2, 24_000_000_000, "Linux", ".NET 10", "AVX-512"),
            Created = DateTimeOffset.UnixEpoch,
        };
        AtomicFile.WriteText(_folder[$"run/{stage}/{ArtifactManifest.FileName}"], JsonSerializer.Serialize(manifest, Artifact.Json));
    }
}
