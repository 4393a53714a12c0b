using System.Text;
using Athanor.Core.Errors;

namespace Athanor.Core.Files;

/// <summary>Writes files whole or not at all: under a temporary name in the same folder, flushed to disk, then renamed.</summary>
public static class AtomicFile
{
    private const string TemporaryExtension = ".unfinished";

    private static int _count;

    /// <summary>Writes a file through a stream; creates its folder.</summary>
    /// <exception cref="AthanorException">The disk is full or the folder may not be written; the message names the file.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full) ?? throw new AthanorException($"{path} is a folder", "name a file");
        string temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{Environment.ProcessId}-{Interlocked.Increment(ref _count)}{TemporaryExtension}");
        try
        {
            Directory.CreateDirectory(folder);
            using (FileStream stream = new(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                write(stream);
                Durable.Flush(stream);
            }

            File.Move(temporary, full, overwrite: true);
            Durable.FlushFolder(folder);
        }
        catch (Exception exception)
        {
            Delete(temporary);
            if (DiskFault.Of(exception, full, temporary) is AthanorException fault)
            {
                throw fault;
            }

            throw;
        }
    }

    /// <summary>Writes a text as UTF-8 without a byte-order mark.</summary>
    /// <exception cref="AthanorException">The disk is full or the folder may not be written; the message names the file.</exception>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Gives a finished folder, whose files are on disk already, its name, so that the name survives a power cut.</summary>
    public static void MoveFolder(string temporary, string path)
    {
        Directory.Move(temporary, path);
        Durable.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Removes what killed processes left behind in a folder that no other process writes to.</summary>
    internal static void RemoveUnfinished(string folder, SearchOption depth)
    {
        foreach (string file in Directory.EnumerateFiles(folder, $".*{TemporaryExtension}", depth))
        {
            File.Delete(file);
        }
    }

    private static void Delete(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // the first fault is the one worth telling
        }
    }
}
