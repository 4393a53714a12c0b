using System.Reflection;
using System.Runtime.InteropServices;
using Athanor.Core.Errors;

namespace Athanor.Torch.Loading;

/// <summary>
/// Loads libtorch before TorchSharp asks for it. Every assembly that uses TorchSharp calls <see cref="Load"/> from a module initializer (TorchInit.cs),
/// since TorchSharp's own search would otherwise begin as soon as one of its types is touched.
/// On Linux it is taken from the output folder where it is published with the program, else from the NuGet cache, so that it lies on disk once.
/// </summary>
public static partial class TorchLoader
{
    private const int MaximumMemoryMaps = -4;
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MaximumArenas = -8;

    private static readonly Lock Gate = new();
    private static bool _loaded;

    /// <summary>What had to be done about the host's C++ library; for <c>athanor doctor</c>.</summary>
    public static string StandardLibraryState { get; private set; } = "not examined on this platform";

    /// <summary>The folder libtorch was loaded from; empty where TorchSharp finds it itself.</summary>
    public static string Folder { get; private set; } = "";

    /// <summary>libtorch's own OpenMP library, where it is one this version knows; else zero.</summary>
    internal static nint OpenMpLibrary { get; private set; }

    /// <summary>libtorch itself, where it was loaded here; else zero.</summary>
    internal static nint TorchLibrary { get; private set; }

    /// <summary>Loads libtorch once; later calls do nothing.</summary>
    /// <exception cref="AthanorException">libtorch is neither beside the program nor in the NuGet cache, or the host cannot load it.</exception>
    public static void Load()
    {
        lock (Gate)
        {
            if (_loaded)
            {
                return;
            }

            if (OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64)
            {
                LoadOnLinux();
            }

            _loaded = true;
        }
    }

    private static void LoadOnLinux()
    {
        // Freed memory stays with the process: eager libtorch otherwise spends a fifth of a step in page faults. Threads of libgomp spin briefly
        // between products instead of burning a busy machine. Both must be set before the libraries start.
        _ = MallocOption(MaximumMemoryMaps, 0);
        _ = MallocOption(TrimThreshold, int.MaxValue);
        _ = MallocOption(TopPad, 64 << 20);
        _ = MallocOption(MaximumArenas, 1);
        _ = SetEnvironment("GOMP_SPINCOUNT", "10000", 0);

        (string torch, string sharp) = Find();
        Folder = torch;
        try
        {
            OpenMpLibrary = NativeLibrary.Load(Path.Combine(torch, "libgomp-98b21ff3.so.1"));
            NativeLibrary.Load(Path.Combine(torch, "libc10.so"));
            TorchLibrary = NativeLibrary.Load(Path.Combine(torch, "libtorch_cpu.so"));
            NativeLibrary.Load(Path.Combine(torch, "libtorch.so"));

            string path = Path.Combine(sharp, "libLibTorchSharp.so");
            if (NativeLibrary.TryGetExport(NativeLibrary.Load("libstdc++.so.6"), StandardLibraryPatch.MissingSymbol, out _))
            {
                StandardLibraryState = "new enough";
                NativeLibrary.Load(path);
            }
            else
            {
                StandardLibraryState = "older than libtorch's package expects (no GLIBCXX_3.4.32), worked around in memory";
                LoadFromMemory("libLibTorchSharp.so", StandardLibraryPatch.Apply(File.ReadAllBytes(path)));
            }
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException or InvalidDataException or IOException)
        {
            throw new AthanorException($"libtorch cannot be loaded from {torch}: {exception.Message}", "Linux x64 with glibc (Debian 12 or newer) is supported; run ./athanor doctor, or delete the NuGet package libtorch-cpu-linux-x64 and restore again", exception);
        }
    }

    // Two copies of libtorch in one process abort it, and TorchSharp looks into the output folder first: that copy wins where it exists.
    private static (string Torch, string Sharp) Find()
    {
        string published = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
        if (File.Exists(Path.Combine(published, "libtorch_cpu.so")))
        {
            return (published, published);
        }

        if (File.Exists(Path.Combine(AppContext.BaseDirectory, "libtorch_cpu.so")))
        {
            return (AppContext.BaseDirectory, AppContext.BaseDirectory);
        }

        string torch = PackageFolder("LibTorchFolder");
        string sharp = PackageFolder("LibTorchSharpFolder");
        return File.Exists(Path.Combine(torch, "libtorch_cpu.so"))
            ? (torch, sharp)
            : throw new AthanorException($"libtorch is neither in {published} nor in {torch}", "restore the NuGet packages again (dotnet restore), or publish the program (dotnet publish) on a machine that has them");
    }

    private static string PackageFolder(string key) => typeof(TorchLoader).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(attribute => attribute.Key == key)?.Value ?? "";

    // A file that exists in memory only: no cache folder, no race between processes, no permission needed. glibc gives the library to whoever later asks
    // for its SONAME, as TorchSharp does. Where memory files may not be executed, a temporary file takes its place.
    private static unsafe void LoadFromMemory(string name, byte[] image)
    {
        int file = CreateMemoryFile(name, 0);
        if (file >= 0)
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle handle = new(file, ownsHandle: true);
            RandomAccess.Write(handle, image, 0);
            if (NativeLibrary.TryLoad($"/proc/self/fd/{file}", out _))
            {
                return;
            }
        }

        string folder = Directory.CreateTempSubdirectory("athanor-").FullName;
        try
        {
            string path = Path.Combine(folder, name);
            using (FileStream stream = new(path, FileMode.CreateNew))
            {
                stream.Write(image);
            }

            NativeLibrary.Load(path);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallocOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);
}
