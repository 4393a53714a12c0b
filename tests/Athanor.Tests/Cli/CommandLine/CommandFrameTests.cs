using System.CommandLine;
using Athanor.Cli.CommandLine;
using Athanor.Core.Errors;
using Xunit;

namespace Athanor.Tests.Cli.CommandLine;

public sealed class CommandFrameTests
{
    [Fact]
    public async Task A_fault_of_the_user_is_two_lines_and_exit_code_2()
        => Assert.Equal((2, "athanor: a.yaml:3: wrong\n  correct it\n"), await RunAsync(() => throw new AthanorException("a.yaml:3: wrong", "correct it")));

    [Fact]
    public async Task A_full_disk_is_a_fault_of_the_user_wherever_it_is_met()
    {
        (int code, string error) = await RunAsync(() => throw new IOException("No space left on device : '/runs/x'", 28));
        Assert.Equal(2, code);
        Assert.Contains("/runs/x", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anything_else_is_a_bug_with_its_stack_trace_and_exit_code_1()
    {
        (int code, string error) = await RunAsync(() => throw new InvalidOperationException("oops"));
        Assert.Equal(1, code);
        Assert.Contains("oops", error, StringComparison.Ordinal);
        Assert.Contains("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_option_names_the_help_of_its_command_and_is_exit_code_2()
    {
        (int code, string error) = await RunAsync(() => { }, "work", "--colour");
        Assert.Equal(2, code);
        Assert.Contains("'--colour'", error, StringComparison.Ordinal);
        Assert.Contains("athanor work --help", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_ends_well_says_nothing_on_the_error_output()
        => Assert.Equal((0, ""), await RunAsync(() => { }));

    private static async Task<(int Code, string Error)> RunAsync(Action work, params string[] arguments)
    {
        Command command = new("work", "Works.");
        command.SetAction(_ => work());
        using StringWriter output = new();
        using StringWriter error = new() { NewLine = "\n" };
        int code = await CommandFrame.RunAsync(new RootCommand { command }, arguments is [] ? ["work"] : arguments, output, error);
        return (code, error.ToString());
    }
}
