namespace Athanor.Tokenization.Training;

/// <summary>How much memory a training may take, and the folder for what does not fit. What is computed does not depend on it.</summary>
internal sealed class WorkingMemory
{
    // The runtime, the code and the texts being read
    private const long Base = 96L << 20;

    private readonly string? _folder;
    private long _free;
    private int _files;

    /// <param name="limit">Bytes the process may take.</param>
    /// <param name="folder">Where files for the rest go; none means that the limit counts for spilling word counts alone.</param>
    public WorkingMemory(long limit, string? folder)
    {
        Limit = Math.Max(limit - Base, 1L << 20);
        _free = Limit;
        _folder = folder;
    }

    /// <summary>All the memory that the machine can give.</summary>
    public static WorkingMemory Unlimited => new(long.MaxValue / 2, null);

    /// <summary>Bytes for data.</summary>
    public long Limit { get; }

    /// <summary>Whether there is memory for so many bytes more; if so they are taken.</summary>
    public bool Take(long bytes)
    {
        if (_folder is not null && Volatile.Read(ref _free) < bytes)
        {
            return false;
        }

        Interlocked.Add(ref _free, -bytes);
        return true;
    }

    /// <summary>Gives bytes back.</summary>
    public void Give(long bytes) => Interlocked.Add(ref _free, bytes);

    /// <summary>The path of a file for an array.</summary>
    public string NextFile()
    {
        string folder = _folder ?? throw new InvalidOperationException("no folder for arrays");
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, $"array-{Environment.ProcessId}-{Interlocked.Increment(ref _files)}.tmp");
    }
}
