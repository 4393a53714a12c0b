namespace Athanor.Generation.Processors;

/// <summary>A set of tokens that is emptied by counting up instead of clearing.</summary>
internal sealed class SeenTokens
{
    private int[] _round = [];
    private int _current;

    public void Clear(int vocabularySize)
    {
        if (_round.Length < vocabularySize || _current == int.MaxValue)
        {
            _round = new int[vocabularySize];
            _current = 0;
        }

        _current++;
    }

    /// <summary>Adds a token; false if it was there or is outside the vocabulary.</summary>
    public bool Add(int token)
    {
        if ((uint)token >= (uint)_round.Length || _round[token] == _current)
        {
            return false;
        }

        _round[token] = _current;
        return true;
    }
}
