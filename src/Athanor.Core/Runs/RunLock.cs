using System.Text;
using Athanor.Core.Errors;

namespace Athanor.Core.Runs;

/// <summary>Holds a run's folder for one process; the system lets go when the process ends, however it ends.</summary>
internal sealed class RunLock : IDisposable
{
    private const string FileName = ".lock";

    private readonly FileStream _stream;

    /// <exception cref="AthanorException">Another process works there, or the folder may not be written.</exception>
    public RunLock(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            Directory.CreateDirectory(folder);
            _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            _stream.SetLength(0);
            _stream.Write(Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
            _stream.Flush();
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new AthanorException($"{folder} is in use by another run", "wait for it, stop it, or give this one another --name", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{folder} may not be written: {exception.Message}", "change the permissions or run from another folder", exception);
        }
    }

    public void Dispose() => _stream.Dispose();
}
