using System.Runtime.InteropServices;

namespace Athanor.Cli.CommandLine;

/// <summary>
/// Ctrl-C and a polite kill. The first asks the work to stop at a safe point, the second takes the process down at once, as the system would have.
/// A command that gives Ctrl-C another meaning for a while (chat: stop the answer) says so with <see cref="Intercept"/>.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static Func<bool>? _interceptor;

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private readonly TextWriter _error;

    public Interruption(TextWriter error)
    {
        _error = error;
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Until disposed, Ctrl-C calls this first; where it returns true nothing else happens.</summary>
    public static IDisposable Intercept(Func<bool> interceptor)
    {
        _interceptor = interceptor;
        return new Interception();
    }

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (context.Signal == PosixSignal.SIGINT && _interceptor?.Invoke() == true)
        {
            context.Cancel = true;
            return;
        }

        if (_source.IsCancellationRequested)
        {
            return;
        }

        context.Cancel = true;
        _error.WriteLine();
        _error.WriteLine("stopping at the next safe point; Ctrl-C once more stops at once");
        _source.Cancel();
    }

    private sealed class Interception : IDisposable
    {
        public void Dispose() => _interceptor = null;
    }
}
