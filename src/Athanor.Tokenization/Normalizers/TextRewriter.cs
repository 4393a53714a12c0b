using System.Buffers;

namespace Athanor.Tokenization.Normalizers;

/// <summary>
/// Builds a rewritten text and keeps the range of the original that each of its units came from. Not for use after <see cref="ToText"/>.
/// </summary>
internal sealed class TextRewriter : IRewriter
{
    private readonly NormalizedText _old;
    private readonly int _first;
    private readonly int _end;
    private char[] _text;
    private Offsets[] _origins;
    private int _length;
    private int _at;

    /// <summary>Begins at the beginning of a text.</summary>
    public TextRewriter(NormalizedText old)
    {
        _old = old;
        _text = ArrayPool<char>.Shared.Rent(old.Length + 16);
        _origins = ArrayPool<Offsets>.Shared.Rent(old.Length + 16);

        // Hugging Face: what an empty match put at the very beginning stands for no part of the original; a rewriting leaves it and begins behind it
        _end = old.Original.Length == 0 ? 0 : old.Length;
        while (_first < _end && old.OriginOf(_first).Length == 0)
        {
            _first++;
        }

        for (; _length < _first; _length++)
        {
            (_text[_length], _origins[_length]) = (old.Span[_length], old.OriginOf(_length));
        }

        _at = _first;
    }

    /// <summary>Whether a text from which nothing is left out and to which nothing is added is the same afterwards.</summary>
    public static bool KeepsAsItIs(NormalizedText text) => text.IsEmpty || (text.Original.Length > 0 && text.OriginOf(0).Length > 0);

    /// <inheritdoc/>
    public void Copy(ReadOnlySpan<char> characters)
    {
        if (_first > 0 || _end < _old.Length || _at + characters.Length > _old.Length)
        {
            foreach (System.Text.Rune character in characters.EnumerateRunes())
            {
                Add(character.Value, 0);
            }

            return;
        }

        while (_length + characters.Length > _text.Length)
        {
            Grow();
        }

        characters.CopyTo(_text.AsSpan(_length));
        _old.CopyOrigins(_at, _at + characters.Length, _origins.AsSpan(_length));
        _length += characters.Length;
        _at += characters.Length;
    }

    /// <inheritdoc/>
    public void Skip(int characters)
    {
        ReadOnlySpan<char> old = _old.Span;
        for (; characters > 0 && _at < old.Length; characters--)
        {
            _at += char.IsHighSurrogate(old[_at]) ? 2 : 1;
        }
    }

    /// <inheritdoc/>
    public void Add(int code, int change)
    {
        Offsets origin;
        if (change > 0)
        {
            origin = _at == 0 ? new Offsets(_old.Original.Start, _old.Original.Start) : _old.OriginOf(_at - 1);
        }
        else if (_at < _old.Length)
        {
            origin = _old.OriginOf(_at);
            Skip(1 - change);
        }
        else
        {
            // More characters than there were: they stand for the last one
            origin = _old.IsEmpty ? new Offsets(_old.Original.End, _old.Original.End) : _old.OriginOf(_old.Length - 1);
        }

        if (_length + 2 > _text.Length)
        {
            Grow();
        }

        if (code < 0x10000)
        {
            _origins[_length] = origin;
            _text[_length++] = (char)code;
        }
        else
        {
            _origins[_length] = _origins[_length + 1] = origin;
            _text[_length++] = (char)(0xD7C0 + (code >> 10));
            _text[_length++] = (char)(0xDC00 | (code & 0x3FF));
        }
    }

    /// <summary>The rewritten text.</summary>
    public NormalizedText ToText()
    {
        // The rest that a rewriting of nothing leaves
        while (_length + _old.Length - _end > _text.Length)
        {
            Grow();
        }

        for (int unit = _end; unit < _old.Length; unit++, _length++)
        {
            (_text[_length], _origins[_length]) = (_old.Span[unit], _old.OriginOf(unit));
        }

        NormalizedText rewritten = _old.Rewritten(_text.AsSpan(0, _length), _origins.AsSpan(0, _length));
        ArrayPool<char>.Shared.Return(_text);
        ArrayPool<Offsets>.Shared.Return(_origins);
        (_text, _origins) = ([], []);
        return rewritten;
    }

    private void Grow()
    {
        char[] text = ArrayPool<char>.Shared.Rent(_length * 2);
        Offsets[] origins = ArrayPool<Offsets>.Shared.Rent(_length * 2);
        _text.AsSpan(0, _length).CopyTo(text);
        _origins.AsSpan(0, _length).CopyTo(origins);
        ArrayPool<char>.Shared.Return(_text);
        ArrayPool<Offsets>.Shared.Return(_origins);
        (_text, _origins) = (text, origins);
    }
}
