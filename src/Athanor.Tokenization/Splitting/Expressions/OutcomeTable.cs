namespace Athanor.Tokenization.Splitting.Expressions;

/// <summary>What instructions led to at places of a text. Memory is taken for the places that are looked at.</summary>
internal sealed class OutcomeTable
{
    private readonly int _rounds;
    private readonly int _states;
    private readonly ulong[]?[] _failed;
    private readonly ulong[]?[] _matched;

    /// <summary>Knows nothing yet.</summary>
    /// <param name="program">The program.</param>
    /// <param name="length">The length of the text.</param>
    public OutcomeTable(ExpressionProgram program, int length)
    {
        _rounds = 1 << program.Loops;
        _states = program.States * _rounds;
        _failed = new ulong[(length >> 6) + 1][];
        _matched = new ulong[(length >> 6) + 1][];
    }

    /// <summary>Whether an instruction led to the end of its look (true), failed (false), or is not known (null).</summary>
    public bool? Get(int state, int rounds, int place)
    {
        int row = (state * _rounds) + rounds;
        ulong bit = 1UL << (place & 63);
        return (_failed[place >> 6]?[row] & bit) is not (null or 0) ? false : (_matched[place >> 6]?[row] & bit) is not (null or 0) ? true : null;
    }

    /// <summary>Remembers it.</summary>
    public void Set(int state, int rounds, int place, bool matched) =>
        ((matched ? _matched : _failed)[place >> 6] ??= new ulong[_states])[(state * _rounds) + rounds] |= 1UL << (place & 63);
}
