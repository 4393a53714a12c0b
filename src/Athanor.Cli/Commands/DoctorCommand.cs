using System.CommandLine;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor doctor</c>: what this machine is and what that means for a run.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
        Command command = new("doctor", "Look at this machine: SDK, memory, disk, speed, and what each means for a run.") { json };
        command.SetAction(result => result.InvocationConfiguration.Output.WriteLine(Environment.Version));
        return command;
    }
}
