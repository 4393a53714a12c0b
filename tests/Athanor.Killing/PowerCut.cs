using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Athanor.Core.Files;
using Athanor.Core.Randomness;
using Microsoft.Win32.SafeHandles;

namespace Athanor.Killing;

/// <summary>
/// What a disk holds after the power went: of a file what it held when it was last flushed, of a folder the names that it had when it was last flushed; everything
/// else is lost (the name without the content is an empty file). A process notes each flush in a journal beside the run; once it is dead, the run's folder is
/// replaced by what the journal says, wholly, or in part by chance, as a disk may have written more than it was asked to.
/// </summary>
internal static partial class PowerCut
{
    private const string LogName = "flushes.jsonl";

    // FS_IOC_GETVERSION of linux/fs.h; a file system that does not know it refuses
    private const nuint GetGeneration = 0x80087601;

    /// <summary>Begins to note what this process makes durable below a folder.</summary>
    public static void Watch(string root, string journal)
    {
        root = Path.GetFullPath(root);
        Directory.CreateDirectory(journal);
        FileStream log = new(Path.Combine(journal, LogName), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        Lock gate = new();
        int contents = 0;
        Durable.Flushed = path =>
        {
            path = Path.GetFullPath(path);
            if (!path.StartsWith(root, StringComparison.Ordinal))
            {
                return;
            }

            lock (gate)
            {
                Note(path, journal, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{contents++}"), log);
            }
        };
    }

    private static void Note(string path, string journal, string copy, FileStream log)
    {
        Record record;
        if (Directory.Exists(path))
        {
            record = new Record(IdentityOf(path), null, [.. Entries(path)]);
        }
        else
        {
            Copy(path, Path.Combine(journal, copy));
            record = new Record(IdentityOf(path), copy, null);
        }

        log.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(record) + "\n"));
    }

    /// <summary>Replaces a folder by what a power cut would have left of it.</summary>
    /// <param name="root">The folder, which itself stays.</param>
    /// <param name="journal">What was noted; afterwards it says that all that is left is on the disk.</param>
    /// <param name="more">By chance, for each file and folder, whether the disk had written it without being asked; null for never.</param>
    public static void Strike(string root, string journal, RandomStream? more)
    {
        Dictionary<string, string> contents = [];
        Dictionary<string, IReadOnlyList<Entry>> folders = [];
        string log = Path.Combine(journal, LogName);
        string[] lines = File.Exists(log) ? File.ReadAllText(log).Split('\n')[..^1] : [];
        foreach (string line in lines)
        {
            Record record = JsonSerializer.Deserialize<Record>(line)!;
            if (record.Content is not null)
            {
                contents[record.Identity] = Path.Combine(journal, record.Content);
            }
            else
            {
                folders[record.Identity] = record.Entries!;
            }
        }

        string left = root + ".left";
        Build(root, IdentityOf(root), left);
        Directory.Delete(root, recursive: true);
        Directory.Move(left, root);
        Directory.Delete(journal, recursive: true);
        Directory.CreateDirectory(journal);
        using FileStream begun = new(Path.Combine(journal, LogName), FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        int number = 0;
        foreach (string path in (IEnumerable<string>)[root, .. Directory.EnumerateFileSystemEntries(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })])
        {
            Note(path, journal, string.Create(CultureInfo.InvariantCulture, $"left-{number++}"), begun);
        }

        void Build(string? now, string identity, string target)
        {
            Directory.CreateDirectory(target);
            bool written = more?.NextInt32(2) == 0;
            IEnumerable<Entry> entries = written && now is not null ? Entries(now) : folders.GetValueOrDefault(identity, []);
            foreach (Entry entry in entries)
            {
                string? current = now is null ? null : Path.Combine(now, entry.Name);
                current = current is not null && Path.Exists(current) && IdentityOf(current) == entry.Identity ? current : null;
                string path = Path.Combine(target, entry.Name);
                if (entry.IsFolder)
                {
                    Build(current, entry.Identity, path);
                }
                else if (current is not null && more?.NextInt32(2) == 0)
                {
                    File.Copy(current, path);
                }
                else if (contents.TryGetValue(entry.Identity, out string? content))
                {
                    File.Copy(content, path);
                }
                else
                {
                    File.Create(path).Dispose();
                }
            }
        }
    }

    // past the lock that the writer holds on it
    private static void Copy(string from, string to)
    {
        using SafeFileHandle source = new(Open(from, 0), ownsHandle: true);
        using FileStream target = new(to, FileMode.CreateNew);
        byte[] buffer = new byte[1 << 16];
        for (long at = 0; RandomAccess.Read(source, buffer, at) is > 0 and int read; at += read)
        {
            target.Write(buffer, 0, read);
        }
    }

    private static IEnumerable<Entry> Entries(string folder)
        => new DirectoryInfo(folder).EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0 }).Select(entry => new Entry(entry.Name, IdentityOf(entry.FullName), entry is DirectoryInfo));

    // the number a file keeps when it is renamed, and how often that number was given, since a number is given again at once, within one tick of the clock of births
    private static string IdentityOf(string path)
    {
        if (Stat(path, out FileStatus status) != 0)
        {
            throw new IOException($"{path} has no status");
        }

        using SafeFileHandle handle = new(Open(path, 0), ownsHandle: true);
        long generation = 0;
        if (handle.IsInvalid || Control(handle, GetGeneration, ref generation) != 0)
        {
            generation = 0;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{status.Inode}-{status.BirthTime}-{status.BirthTimeNanoseconds}-{generation}");
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(SafeFileHandle file, nuint request, ref long value);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libSystem.Native", EntryPoint = "SystemNative_Stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, out FileStatus status);

    private sealed record Record(string Identity, string? Content, IReadOnlyList<Entry>? Entries);

    private sealed record Entry(string Name, string Identity, bool IsFolder);

    // as .NET's own library has it
    [StructLayout(LayoutKind.Sequential)]
    private struct FileStatus
    {
        public int Flags;
        public int Mode;
        public uint User;
        public uint Group;
        public long Size;
        public long AccessTime;
        public long AccessTimeNanoseconds;
        public long ModificationTime;
        public long ModificationTimeNanoseconds;
        public long ChangeTime;
        public long ChangeTimeNanoseconds;
        public long BirthTime;
        public long BirthTimeNanoseconds;
        public long Device;
        public long RootDevice;
        public long Inode;
        public uint UserFlags;
    }
}
