namespace Athanor.Tokenization.SentencePiece;

/// <summary>Turns places in UTF-8 into places in UTF-16 units and in code points. Quick for places that rise.</summary>
internal ref struct TextPlaces
{
    private readonly ReadOnlySpan<byte> _text;
    private int _at;
    private int _units;
    private int _codePoints;

    public TextPlaces(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>The place of a byte; of one within a character that of the character.</summary>
    public (int Units, int CodePoints) Of(int place)
    {
        if (place < _at)
        {
            (_at, _units, _codePoints) = (0, 0, 0);
        }

        while (_at < place)
        {
            int length = Unigrams.UnigramSegmenter.CharacterLength(_text, _at);
            if (_at + length > place)
            {
                break;
            }

            _at += length;
            _units += length == 4 ? 2 : 1;
            _codePoints++;
        }

        return (_units, _codePoints);
    }
}
