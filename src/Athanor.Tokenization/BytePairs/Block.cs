using System.Buffers;

namespace Athanor.Tokenization.BytePairs;

/// <summary>Room for the ids of some words at a time; it grows where one word needs more.</summary>
internal ref struct Block(Span<int> room) : IDisposable
{
    private Span<int> _room = room;
    private int[]? _rented;

    /// <summary>The ids of the next words, at least of one; they stand until the next call.</summary>
    public ReadOnlySpan<int> Encode(ByteLevelEncoder words, ReadOnlySpan<byte> text, ref int at)
    {
        int start = at;
        int count = words.Encode(text, ref at, _room);
        if (at == start)
        {
            Dispose();
            _rented = ArrayPool<int>.Shared.Rent(words.NextWord(text, at) - at + ByteLevelEncoder.Spare);
            _room = _rented;
            count = words.Encode(text, ref at, _room);
        }

        return _room[..count];
    }

    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<int>.Shared.Return(_rented);
            _rented = null;
        }
    }
}
