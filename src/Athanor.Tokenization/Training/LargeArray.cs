using System.Diagnostics.CodeAnalysis;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Athanor.Tokenization.Training;

/// <summary>
/// An array outside the collected heap that may be longer than .NET's arrays and may lie in a file: where memory is short the system then writes what
/// is not in use to disk, and what is computed stays the same.
/// </summary>
internal sealed unsafe class LargeArray<T> : IDisposable
    where T : unmanaged
{
    private readonly WorkingMemory _memory;
    private MappedMemory? _file;

    /// <summary>Takes memory for a number of elements, all zero.</summary>
    public LargeArray(WorkingMemory memory, long length)
    {
        _memory = memory;
        Length = length;
        long bytes = Math.Max(1, length * sizeof(T));
        if (memory.Take(bytes))
        {
            Pointer = (T*)NativeMemory.AllocZeroed((nuint)bytes);
        }
        else
        {
            _file = new MappedMemory(memory.NextFile(), bytes);
            Pointer = (T*)_file.Pointer;
        }
    }

    ~LargeArray() => Release();

    /// <summary>Where the first element stands.</summary>
    public T* Pointer { get; private set; }

    /// <summary>How many elements there is room for.</summary>
    public long Length { get; private set; }

    /// <summary>Makes room for more elements; those there are stay, new ones are not cleared.</summary>
    public void Grow(long least)
    {
        if (least <= Length)
        {
            return;
        }

        long length = Math.Max(least, Length + (Length / 2) + 16);
        long bytes = length * sizeof(T);
        if (_file is null && _memory.Take(bytes - (Length * sizeof(T))))
        {
            Pointer = (T*)NativeMemory.Realloc(Pointer, (nuint)bytes);
        }
        else
        {
            MappedMemory file = new(_memory.NextFile(), bytes);
            Buffer.MemoryCopy(Pointer, file.Pointer, bytes, Length * sizeof(T));
            Release();
            _file = file;
            Pointer = (T*)file.Pointer;
        }

        Length = length;
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (_file is not null)
        {
            _file.Dispose();
            _file = null;
        }
        else if (Pointer is not null)
        {
            NativeMemory.Free(Pointer);
            _memory.Give(Math.Max(1, Length * sizeof(T)));
        }

        Pointer = null;
    }
}

/// <summary>A file of a given length seen as memory; it is gone when this is.</summary>
internal sealed unsafe class MappedMemory : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    [SuppressMessage("Reliability", "CA2000", Justification = "The mapping owns the stream")]
    public MappedMemory(string path, long bytes)
    {
        FileStream stream = new(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        _file = MemoryMappedFile.CreateFromFile(stream, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor();
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Pointer = pointer;
    }

    public byte* Pointer { get; }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
