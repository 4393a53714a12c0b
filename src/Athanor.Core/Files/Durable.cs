using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Athanor.Core.Files;

/// <summary>
/// Makes what was written survive a power cut. A rename is durable only once the folder that holds the name is flushed, and .NET opens no folders,
/// hence the calls into the C library. On Windows the file system's journal does it.
/// </summary>
internal static partial class Durable
{
    /// <summary>Told of every file and folder that was just made durable; tests learn from it what a power cut would leave.</summary>
    internal static Action<string>? Flushed { get; set; }

    public static void FlushFile(string path)
    {
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
        Flushed?.Invoke(path);
    }

    /// <summary>Makes what was written through a stream durable; its name is once its folder is flushed.</summary>
    public static void Flush(FileStream stream)
    {
        stream.Flush(flushToDisk: true);
        Flushed?.Invoke(stream.Name);
    }

    public static void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(path, 0);
        if (descriptor >= 0)
        {
            // some file systems refuse to flush a folder (EINVAL): nothing more can be done there
            _ = Flush(descriptor);
            _ = Close(descriptor);
        }

        Flushed?.Invoke(path);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
