using System.Runtime.InteropServices;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization;

/// <summary>
/// The ids of a text that grows at its end, as in a chat or while a file is read: at any time they are those that <see cref="Tokenizer.Encode(string)"/> gives for the whole text.
/// With a byte-level vocabulary behind a known expression only the last words are encoded again; otherwise the whole text is, when somebody asks. Not safe for use by many threads.
/// </summary>
public sealed class IncrementalEncoding
{
    private readonly Tokenizer _tokenizer;
    private readonly ByteLevelEncoder? _words;
    private readonly List<int> _ids = [];

    // The text behind the ids that stand whatever comes
    private readonly List<char> _rest = [];
    private int _certain;
    private bool _isCurrent = true;

    internal IncrementalEncoding(Tokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        _words = tokenizer.Pipeline.Added.MayOccur(withSpecial: false) ? null : tokenizer.Pipeline.FastEncoder?.Words;
    }

    /// <summary>The ids of all that was appended, valid until more is.</summary>
    /// <exception cref="EncodingException">A word is not in the vocabulary and no token stands for unknown ones.</exception>
    public ReadOnlySpan<int> Ids
    {
        get
        {
            Refresh();
            return CollectionsMarshal.AsSpan(_ids);
        }
    }

    /// <summary>How many ids there are.</summary>
    /// <exception cref="EncodingException">A word is not in the vocabulary and no token stands for unknown ones.</exception>
    public int Count
    {
        get
        {
            Refresh();
            return _ids.Count;
        }
    }

    /// <summary>Appends text. It may begin or end within a surrogate pair.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        _rest.AddRange(text);
        _isCurrent = false;
    }

    private void Refresh()
    {
        if (_isCurrent)
        {
            return;
        }

        _ids.RemoveRange(_certain, _ids.Count - _certain);
        Span<char> rest = CollectionsMarshal.AsSpan(_rest);
        if (_words is not null && PatternParts.LastCertainBoundary(rest) is int end and > 0)
        {
            _tokenizer.Encode(rest[..end], _ids);
            _certain = _ids.Count;
            _rest.RemoveRange(0, end);
            rest = CollectionsMarshal.AsSpan(_rest);
        }

        _tokenizer.Encode(rest, _ids);
        _isCurrent = true;
    }
}
