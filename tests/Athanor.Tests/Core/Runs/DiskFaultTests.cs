using System.ComponentModel;
using System.Diagnostics;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Core.Recipes;
using Athanor.Core.Runs;
using Xunit;

namespace Athanor.Tests.Core.Runs;

public sealed class DiskFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_plan_touches_nothing()
    {
        Assert.All(RunPlan.Of(Read(), _folder["runs"]).Stages, stage => Assert.Equal(StageStatus.ToDo, stage.Status));
        Assert.False(Directory.Exists(_folder["runs"]));
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_named_and_the_run_works_when_it_can()
    {
        File.WriteAllText(_folder["runs"], "a file where the folder of runs should be");
        Assert.Contains(_folder["runs/run"], (await Assert.ThrowsAsync<AthanorException>(RunAsync)).Message, StringComparison.Ordinal);
        File.Delete(_folder["runs"]);
        await RunAsync();
    }

    [Fact]
    public async Task A_disk_that_may_only_be_read_is_named_and_the_run_goes_on_when_it_can_be_written()
    {
        using Disk disk = Disk.Mount(_folder["runs"]);
        disk.Remount("ro");
        AthanorException fault = await Assert.ThrowsAsync<AthanorException>(RunAsync);
        Assert.Contains(_folder["runs/run"], fault.Message, StringComparison.Ordinal);
        disk.Remount("rw");
        await RunAsync();
    }

    [Fact]
    public async Task A_full_disk_is_named_and_the_run_goes_on_when_there_is_space()
    {
        using Disk disk = Disk.Mount(_folder["runs"]);
        Directory.CreateDirectory(_folder["runs/run"]);

        // all but little: some of the stage's files fit, not all
        File.WriteAllBytes(_folder["runs/ballast"], new byte[(256 - 40) << 10]);

        AthanorException fault = await Assert.ThrowsAsync<AthanorException>(RunAsync);
        Assert.Contains("disk is full", fault.Message, StringComparison.Ordinal);
        Assert.Contains(_folder["runs/run"], fault.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["runs/run/numbers"]));
        File.Delete(_folder["runs/ballast"]);
        await RunAsync();
        Assert.True(Directory.Exists(_folder["runs/run/numbers"]));
    }

    private Task<RunPlan> RunAsync() => new RecipeRunner(_folder["runs"], new RecordingReporter(), TimeProvider.System).RunAsync(Read(), null, CancellationToken.None);

    private Recipe Read()
    {
        AtomicFile.WriteText(_folder["recipe.yaml"], "name: run\nstages: { numbers: { use: numbers.draw, count: 1000 } }");
        return new RecipeReader([new NumbersStage()]).Read(_folder["recipe.yaml"], new RecipeOptions());
    }

    /// <summary>A disk of 256 KiB; where nobody may mount one the test is skipped.</summary>
    private sealed class Disk : IDisposable
    {
        private readonly string _path;

        private Disk(string path) => _path = path;

        public static Disk Mount(string path)
        {
            Directory.CreateDirectory(path);
            if (!OperatingSystem.IsLinux() || !Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", path))
            {
                Assert.Skip("only root on Linux can mount a small disk");
            }

            return new Disk(path);
        }

        public void Remount(string how) => Assert.True(Run("mount", "-o", $"remount,{how}", _path));

        public void Dispose() => Assert.True(Run("umount", _path));

        private static bool Run(params string[] command)
        {
            try
            {
                using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
                process.WaitForExit();
                return process.ExitCode == 0;
            }
            catch (Win32Exception)
            {
                return false;
            }
        }
    }
}
