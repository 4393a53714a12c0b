using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Commands;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Core.Randomness;
using Athanor.Killing;
using Xunit;

namespace Athanor.Tests.Killing;

/// <summary>Faults on the way through all stages; <c>tests/Athanor.Killing</c> tries very many.</summary>
public sealed class WholeLineTests : IClassFixture<WholeLineTests.Undisturbed>, IDisposable
{
    private const string Variable = "ATHANOR_TESTS_KILLED_LINE";

    private readonly TemporaryFolder _folder = new();
    private readonly Undisturbed _undisturbed;

    public WholeLineTests(Undisturbed undisturbed)
    {
        _undisturbed = undisturbed;
        new TinyRun(_folder.Path, "fp32").TakeMeasurements(undisturbed.Run);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>What the child process does; asked for by name, never part of a usual test run.</summary>
    [Fact(Explicit = true)]
    public Task Child() => Environment.GetEnvironmentVariable(Variable) is { } folder ? KilledRun.WorkAsync(folder, "fp32", watched: true) : Task.CompletedTask;

    [Fact]
    public async Task A_line_that_is_killed_and_loses_its_power_ends_like_one_that_did_not()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("the power cut knows Unix's file numbers");
        }

        RandomStream random = new RandomStreams(4).Open("tests/killing");
        KilledRun run = new(_folder.Path, "fp32", Start);
        foreach ((Disturbance disturbance, string stage) in ((Disturbance, string)[])[(Disturbance.Kill, "pretrain"), (Disturbance.PowerCut, "tune"), (Disturbance.PartialPowerCut, "evaluate")])
        {
            await run.DisturbAsync(disturbance, stage, random.NextDouble() * _undisturbed.Run.TimeOf(stage), random, TestContext.Current.CancellationToken);
        }

        await new TinyRun(_folder.Path, "fp32").RunAsync();
        Assert.Empty(Comparison.Differences(_undisturbed.Run.Folder, new TinyRun(_folder.Path, "fp32").Folder));
    }

    [Fact]
    public async Task A_line_that_finds_the_disk_full_says_so_and_goes_on_when_there_is_space()
    {
        string runs = _folder["runs"];
        Directory.CreateDirectory(runs);
        if (!OperatingSystem.IsLinux() || !Mount("-t", "tmpfs", "-o", "size=160k", "tmpfs", runs))
        {
            Assert.Skip("only root on Linux can mount a small disk");
        }

        try
        {
            new TinyRun(_folder.Path, "fp32").TakeMeasurements(_undisturbed.Run);
            int faults = 0;
            for (int size = 512; ; size *= 3)
            {
                try
                {
                    await new TinyRun(_folder.Path, "fp32").RunAsync();
                    break;
                }
                catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
                {
                    AthanorException? fault = exception as AthanorException ?? DiskFault.Of(exception);
                    Assert.True(fault is not null, exception.ToString());
                    Assert.Matches("full|space", $"{fault.Message} {fault.Cure}");
                    faults++;
                    Assert.True(Mount("-o", $"remount,size={size}k", runs));
                }
            }

            Assert.InRange(faults, 1, 20);
            Assert.Empty(Comparison.Differences(_undisturbed.Run.Folder, new TinyRun(_folder.Path, "fp32").Folder));
        }
        finally
        {
            using Process process = Process.Start("umount", ["-l", runs]);
            process.WaitForExit();
        }
    }

    [Fact]
    public async Task A_text_that_has_vanished_is_named_and_the_line_goes_on_when_it_is_back()
    {
        TinyRun run = new(_folder.Path, "fp32");
        run.Prepare();
        Directory.Move(_folder["texts"], _folder["elsewhere"]);
        AthanorException fault = await Assert.ThrowsAsync<AthanorException>(() => run.RunAsync());
        Assert.Contains("texts", fault.Message, StringComparison.Ordinal);
        Directory.Move(_folder["elsewhere"], _folder["texts"]);
        await run.RunAsync();
        Assert.Empty(Comparison.Differences(_undisturbed.Run.Folder, run.Folder));
    }

    [Fact]
    public async Task A_score_is_traced_to_the_text_and_what_was_changed_on_the_way_is_named()
    {
        (int code, string output) = await TraceAsync("pretrain/chains.step");
        Assert.Equal(0, code);
        Assert.Contains("pretrain chains.step, 0 shots: exact_match", output, StringComparison.Ordinal);
        foreach (string ancestor in (string[])["pretrain · model.pretrain", "tokens · tokens.encode", "tokenizer · tokenizer.train", "corpus · corpus.build", "filter text/exact_duplicates", $"{_undisturbed.Texts} ·"])
        {
            Assert.Contains(ancestor, output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("CHANGED SINCE", output, StringComparison.Ordinal);
        string added = Path.Combine(_undisturbed.Texts, "added.txt");
        AtomicFile.WriteText(added, "more");
        (_, output) = await TraceAsync("pretrain/chains.step");
        File.Delete(added);
        Assert.Contains("ITS CONTENT WAS CHANGED SINCE", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_passage_of_the_text_is_found_in_its_document()
    {
        (int code, string output) = await TraceAsync("--text", "river of river number 0 stands by the river");
        Assert.Equal(0, code);
        Assert.Contains("[river of river number 0 stands by the river]", output, StringComparison.Ordinal);
        Assert.Contains("text0.txt", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_run_does_not_know_is_named()
    {
        (int code, string output) = await TraceAsync("nonsense");
        Assert.Equal(2, code);
        Assert.Contains("nonsense is neither a task nor a problem", output, StringComparison.Ordinal);
        Assert.Contains("chains.step", output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> TraceAsync(params string[] arguments)
    {
        StringWriter output = new();
        int code = await CommandFrame.RunAsync(new RootCommand { TraceCommand.Create() }, ["trace", _undisturbed.Run.Folder, .. arguments], output, output);
        return (code, output.ToString());
    }

    private static bool Mount(params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("mount", arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static Process Start(string folder, string type, bool watched)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "Athanor.Tests")) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (string argument in (string[])["-explicit", "only", "-method", $"{typeof(WholeLineTests).FullName}.{nameof(Child)}"])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[Variable] = folder;
        Process child = Process.Start(start)!;
        child.OutputDataReceived += (_, _) => { };
        child.BeginOutputReadLine();
        return child;
    }

    /// <summary>The run that the others are compared with, made once.</summary>
    public sealed class Undisturbed : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        internal string Texts => Path.GetFullPath(_folder["texts"]);

        internal TinyRun Run => new(_folder.Path, "fp32");

        public async ValueTask InitializeAsync() => await Run.RunAsync();

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
