using System.CommandLine;
using System.CommandLine.Invocation;
using Athanor.Core.Errors;
using Athanor.Core.Files;

namespace Athanor.Cli.CommandLine;

/// <summary>
/// Runs a command line and turns what happens into an exit code: 0 done, 1 a bug (stack trace), 2 a fault the user can mend (two lines on the error
/// output), 130 interrupted.
/// </summary>
internal static class CommandFrame
{
    public const int Done = 0;
    public const int Bug = 1;
    public const int Fault = 2;
    public const int Interrupted = 130;

    public static async Task<int> RunAsync(RootCommand root, IReadOnlyList<string> arguments, TextWriter? output = null, TextWriter? error = null)
    {
        output ??= Console.Out;
        error ??= Console.Error;
        using Interruption interruption = new(error);
        try
        {
            ParseResult parsed = root.Parse(arguments);
            if (parsed.Action is ParseErrorAction unclear)
            {
                unclear.ShowHelp = false;
            }

            InvocationConfiguration configuration = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = output, Error = error };
            int code = await parsed.InvokeAsync(configuration, interruption.Token).ConfigureAwait(false);
            return parsed.Errors.Count > 0 ? SayHelp(parsed, error) : code;
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return Interrupted;
        }
        catch (Exception exception) when ((exception as AthanorException ?? DiskFault.Of(exception)) is AthanorException fault)
        {
            error.WriteLine($"athanor: {fault.Message}");
            error.WriteLine($"  {fault.Cure}");
            return Fault;
        }
#pragma warning disable CA1031 // the outermost frame: whatever comes here is a bug and is told as one
        catch (Exception exception)
#pragma warning restore CA1031
        {
            error.WriteLine("athanor: this is a bug. Please report it with these lines:");
            error.WriteLine(exception);
            return Bug;
        }
    }

    private static int SayHelp(ParseResult parsed, TextWriter error)
    {
        Stack<string> names = new();
        for (Symbol? symbol = parsed.CommandResult.Command; symbol is Command and not RootCommand; symbol = symbol.Parents.FirstOrDefault())
        {
            names.Push(symbol.Name);
        }

        error.WriteLine($"  see: ./athanor {string.Join(' ', names)}{(names.Count > 0 ? " " : "")}--help");
        return Fault;
    }
}
