using Athanor.Core.Errors;

namespace Athanor.Tokenization.Training;

/// <summary>The words of a corpus as symbols, one word behind another with a border before, between and after. Words of fewer than two symbols are left out: they have no pair.</summary>
internal sealed unsafe class SymbolArray : IDisposable
{
    /// <summary>What stands between two words.</summary>
    public const int Border = int.MinValue;

    // A slot is named by 32 bits
    private const long MostSymbols = uint.MaxValue - 2L;

    private readonly LargeArray<int> _symbols;
    private readonly LargeArray<uint> _words;
    private readonly LargeArray<long> _counts;
    private long _start;
    private uint _number;

    /// <param name="list">The words that will be added.</param>
    /// <exception cref="AthanorException">There are too many.</exception>
    public SymbolArray(WordList list)
    {
        long room = list.Bytes + list.Count + 1;
        if (room > MostSymbols)
        {
            throw new AthanorException($"the different words of this corpus have {list.Bytes:N0} bytes together, more than {MostSymbols:N0}", "train on a sample of the documents");
        }

        Memory = list.Memory;
        _symbols = new LargeArray<int>(list.Memory, room);
        _words = new LargeArray<uint>(list.Memory, room);
        _counts = new LargeArray<long>(list.Memory, list.Count);
        _symbols.Pointer[Length++] = Border;
        _start = Length;
    }

    /// <summary>What further arrays are taken from.</summary>
    public WorkingMemory Memory { get; }

    /// <summary>How many slots are in use.</summary>
    public long Length { get; private set; }

    /// <summary>The slots.</summary>
    public int* Slots => _symbols.Pointer;

    /// <summary>How often the word of a slot occurs.</summary>
    public long CountAt(long slot) => _counts.Pointer[_words.Pointer[slot]];

    /// <summary>Adds a symbol to the word being written.</summary>
    public void Add(int symbol)
    {
        _words.Pointer[Length] = _number;
        _symbols.Pointer[Length++] = symbol;
    }

    /// <summary>Ends the word being written.</summary>
    /// <param name="count">How often it occurs.</param>
    public void End(long count)
    {
        if (Length - _start < 2)
        {
            Length = _start;
            return;
        }

        _counts.Pointer[_number++] = count;
        _symbols.Pointer[Length++] = Border;
        _start = Length;
    }

    public void Dispose()
    {
        _symbols.Dispose();
        _words.Dispose();
        _counts.Dispose();
    }
}
