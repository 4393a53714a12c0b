using System.Diagnostics;
using Athanor.Core.Artifacts;
using Athanor.Core.Files;
using Athanor.Core.Metrics;
using Athanor.Core.Randomness;
using Athanor.Core.Recipes;
using Athanor.Core.Runs;
using Xunit;

namespace Athanor.Tests.Core.Runs;

public sealed class KilledRunTests
{
    private const string Variable = "ATHANOR_TESTS_KILLED_RUN";
    private const int Kills = 8;

    /// <summary>What the child process does; asked for by name, never part of a usual test run.</summary>
    [Fact(Explicit = true)]
    public async Task Child()
        => await RunAsync(Environment.GetEnvironmentVariable(Variable)!);

    [Fact]
    public async Task A_run_that_is_killed_at_any_moment_ends_like_one_that_was_not()
    {
        using TemporaryFolder smooth = new();
        using TemporaryFolder killed = new();
        await RunAsync(smooth.Path);

        RandomStream random = new RandomStreams(1).Open("test/kills");
        for (int i = 0; i < Kills; i++)
        {
            using Process child = Start(killed.Path);
            await WaitUntilWorkingAsync(child, killed["log"]);
            await Task.Delay(random.NextInt32(0, 260), TestContext.Current.CancellationToken);
            child.Kill();
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            File.Delete(killed["log"]);
        }

        await RunAsync(killed.Path);
        foreach (string stage in new[] { "numbers", "sum" })
        {
            Artifact expected = Artifact.Open(smooth[$"runs/run/{stage}"]);
            Artifact found = Artifact.Open(killed[$"runs/run/{stage}"]);
            Assert.Equal(expected.Manifest.Key, found.Manifest.Key);
            Assert.Equal(Digests(expected), Digests(found));
        }

        Assert.Equal(Curve(smooth), Curve(killed));
        Assert.Equal(Entries(smooth), Entries(killed));
    }

    private static IEnumerable<(string Name, string Digest)> Digests(Artifact artifact)
        => artifact.Manifest.Files.Where(file => file.Key != MetricsLog.FileName).Select(file => (file.Key, file.Value.Sha256)).Order();

    private static IEnumerable<(long Step, double Value)> Curve(TemporaryFolder folder)
        => MetricsLog.Read(folder[$"runs/run/numbers/{MetricsLog.FileName}"]).Select(entry => (entry.Step, entry.Values["number"]));

    private static IEnumerable<string> Entries(TemporaryFolder folder)
        => Directory.EnumerateFileSystemEntries(folder["runs"], "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(path => Path.GetRelativePath(folder.Path, path)).Order(StringComparer.Ordinal);

    private static async Task RunAsync(string folder)
    {
        string path = Path.Combine(folder, "recipe.yaml");
        AtomicFile.WriteText(path, "name: run\nstages: { numbers: { use: numbers.draw, count: 60, pause: 10 }, sum: { use: numbers.sum } }");
        Recipe recipe = new RecipeReader([new NumbersStage(), new SumStage()]).Read(path, new RecipeOptions());
        await File.WriteAllTextAsync(Path.Combine(folder, "log"), "working");
        await new RecipeRunner(Path.Combine(folder, "runs"), new RecordingReporter(), TimeProvider.System).RunAsync(recipe, null, CancellationToken.None);
    }

    private static Process Start(string folder)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Athanor.Tests.exe" : "Athanor.Tests"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (string argument in new[] { "-explicit", "only", "-method", $"{typeof(KilledRunTests).FullName}.{nameof(Child)}" })
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[Variable] = folder;
        Process child = Process.Start(start)!;
        child.OutputDataReceived += (_, _) => { };
        child.ErrorDataReceived += (_, _) => { };
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        return child;
    }

    private static async Task WaitUntilWorkingAsync(Process child, string log)
    {
        while (!File.Exists(log))
        {
            Assert.False(child.HasExited, "the child ended before it began");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
