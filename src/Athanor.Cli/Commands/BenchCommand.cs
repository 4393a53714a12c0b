using System.CommandLine;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor bench</c>: whole jobs timed, beside a calibration taken in the same run.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Measure this machine: training, tokenizers, the rest of the quickstart, and how well costs were predicted.")
    {
        BenchTokenizerCommand.Create(),
        BenchLineCommand.Create(),
        BenchPlanCommand.Create(),
        BenchTrainCommand.Create(),
    };
}
