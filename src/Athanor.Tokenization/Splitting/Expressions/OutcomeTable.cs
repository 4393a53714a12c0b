namespace Athanor.Tokenization.Splitting.Expressions;

/// <summary>What instructions led to at places of a text. Memory is taken for the places that are looked at.</summary>
internal sealed class OutcomeTable
{
    /// <summary>Not known.</summary>
    public const int Unknown = -2;

    /// <summary>It led to the end of its look.</summary>
    public const int Matched = -1;

    private readonly int _rounds;
    private readonly int _states;
    private readonly int _blocks;
    private readonly List<ulong[]?[]> _failed = [];
    private readonly ulong[]?[] _matched;

    /// <summary>Knows nothing yet.</summary>
    /// <param name="program">The program.</param>
    /// <param name="length">The length of the text.</param>
    public OutcomeTable(ExpressionProgram program, int length)
    {
        _rounds = 1 << program.Loops;
        _states = program.States * _rounds;
        _blocks = (length >> 6) + 1;
        _matched = new ulong[_blocks][];
    }

    /// <summary>What an instruction led to: <see cref="Unknown"/>, <see cref="Matched"/>, or failure: the number of atomic parts that ended before it came.</summary>
    public int Get(int state, int rounds, int place)
    {
        int row = (state * _rounds) + rounds, block = place >> 6;
        ulong bit = 1UL << (place & 63);
        for (int ended = 0; ended < _failed.Count; ended++)
        {
            if ((_failed[ended][block]?[row] & bit) is not (null or 0))
            {
                return ended;
            }
        }

        return (_matched[block]?[row] & bit) is not (null or 0) ? Matched : Unknown;
    }

    /// <summary>Remembers it.</summary>
    public void Set(int state, int rounds, int place, int outcome)
    {
        while (_failed.Count <= outcome)
        {
            _failed.Add(new ulong[_blocks][]);
        }

        ((outcome == Matched ? _matched : _failed[outcome])[place >> 6] ??= new ulong[_states])[(state * _rounds) + rounds] |= 1UL << (place & 63);
    }
}
