using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Athanor.Core.Files;

/// <summary>
/// Makes what was written survive a power cut. A rename is durable only once the folder that holds the name is flushed, and .NET opens no folders,
/// hence the calls into the C library. On Windows the file system's journal does it.
/// </summary>
internal static partial class Durable
{
    public static void FlushFile(string path)
    {
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
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
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
