namespace Athanor.Core.Files;

/// <summary>Writes files whole or not at all: under a temporary name in the same folder, flushed to disk, then renamed.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file through a stream; creates its folder.</summary>
    /// <exception cref="Errors.AthanorException">The disk is full or the folder may not be written; the message names the file.</exception>
    public static void Write(string path, Action<Stream> write) => throw new NotImplementedException();

    /// <summary>Writes a text as UTF-8 without a byte-order mark.</summary>
    /// <exception cref="Errors.AthanorException">The disk is full or the folder may not be written; the message names the file.</exception>
    public static void WriteText(string path, string text) => throw new NotImplementedException();
}
