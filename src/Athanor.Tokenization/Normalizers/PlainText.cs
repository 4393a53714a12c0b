using System.Text;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.Normalizers;

/// <summary>
/// A text without places, for callers that want ids alone: normalizers rewrite it in place, in memory used again from text to text. Not for many threads at once.
/// </summary>
internal sealed class PlainText : IRewriter
{
    // Longer ones are not kept
    private const int LongestKept = 1 << 20;

    private readonly List<TextMatch> _matches = [];
    private char[] _text = [];
    private char[] _next = [];
    private int _length;
    private int _written;

    /// <summary>The text.</summary>
    public ReadOnlySpan<char> Span => _text.AsSpan(0, _length);

    /// <summary>Takes another text, in UTF-8.</summary>
    public void Set(ReadOnlySpan<byte> utf8)
    {
        if (_text.Length > LongestKept)
        {
            (_text, _next) = ([], []);
        }

        if (_text.Length < utf8.Length)
        {
            _text = new char[Math.Max(utf8.Length, Math.Max(1024, 2 * _text.Length))];
        }

        _length = Encoding.UTF8.GetChars(utf8, _text);
        _written = 0;
    }

    /// <summary>Takes another text.</summary>
    public void Set(ReadOnlySpan<char> text)
    {
        _written = 0;
        Copy(text);
        Take();
    }

    /// <summary>Replaces every match of a pattern.</summary>
    public void Replace(TextPattern pattern, string content)
    {
        _matches.Clear();
        pattern.FindMatches(Span, _matches);
        if (_matches.Count == 0)
        {
            return;
        }

        int end = 0;
        foreach (TextMatch match in _matches)
        {
            Copy(Span[end..match.Start]);
            Copy(content);
            end = match.End;
        }

        Copy(Span[end..]);
        Take();
    }

    /// <inheritdoc/>
    public void Copy(ReadOnlySpan<char> characters)
    {
        Reserve(characters.Length);
        characters.CopyTo(_next.AsSpan(_written));
        _written += characters.Length;
    }

    /// <inheritdoc/>
    public void Skip(int characters)
    {
    }

    /// <inheritdoc/>
    public void Add(int code, int change)
    {
        Reserve(2);
        if (code < 0x10000)
        {
            _next[_written++] = (char)code;
        }
        else
        {
            _next[_written++] = (char)(0xD7C0 + (code >> 10));
            _next[_written++] = (char)(0xDC00 | (code & 0x3FF));
        }
    }

    /// <summary>Makes what was written the text.</summary>
    public void Take()
    {
        (_text, _next) = (_next, _text);
        (_length, _written) = (_written, 0);
    }

    private void Reserve(int count)
    {
        if (_written + count > _next.Length)
        {
            Array.Resize(ref _next, Math.Max(_written + count, Math.Max(64, 2 * _next.Length)));
        }
    }
}
