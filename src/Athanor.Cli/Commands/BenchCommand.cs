using System.CommandLine;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor bench</c>: whole jobs timed, beside a calibration taken in the same run.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Time whole jobs beside a calibration of this machine.")
    {
        BenchTokenizerCommand.Create(),
        BenchLineCommand.Create(),
        BenchPlanCommand.Create(),
        BenchTrainCommand.Create(),
    };
}
