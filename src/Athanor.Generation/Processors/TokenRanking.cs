namespace Athanor.Generation.Processors;

/// <summary>
/// Tokens in rising order of a number, equal ones in order of their ids, so that the order is the same on every machine. A token and its number stand in
/// one 64-bit key, so that sorting needs no comparer and no allocation.
/// </summary>
internal sealed class TokenRanking
{
    private ulong[] _keys = [];

    public int Count { get; private set; }

    public void Clear(int capacity)
    {
        if (_keys.Length < capacity)
        {
            _keys = new ulong[capacity];
        }

        Count = 0;
    }

    public void Add(int token, float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value + 0f);
        // order the bits of IEEE numbers as the numbers are ordered: negative ones are mirrored
        uint ordered = (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        _keys[Count++] = ((ulong)ordered << 32) | (uint)token;
    }

    public void Sort() => _keys.AsSpan(0, Count).Sort();

    public int Token(int rank) => (int)(uint)_keys[rank];
}
