using System.Buffers;
using System.Text;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.AddedTokens;

/// <summary>Finds added tokens in a text: the leftmost, and of several that begin at the same place the longest. Immutable.</summary>
internal sealed class AddedTokenFinder
{
    private readonly Dictionary<string, (int Id, AddedToken Token)> _tokens = [];
    private readonly Dictionary<string, (int Id, AddedToken Token)>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly int[] _lengths;
    private readonly SearchValues<string>? _search;
    private readonly bool _hasOrdinary;

    private readonly bool _longestFirst;

    /// <param name="tokens">What is looked for.</param>
    /// <param name="longestFirst">Whether the longest (in bytes) is looked for in the whole text before the next, as llama.cpp does, and takes white space of ASCII along.</param>
    public AddedTokenFinder(IEnumerable<(string Text, int Id, AddedToken Token)> tokens, bool longestFirst = false)
    {
        _longestFirst = longestFirst;
        foreach ((string text, int id, AddedToken token) in tokens.OrderBy(token => token.Id))
        {
            // A normalizer may leave nothing of a token, or make two alike: then the first counts
            if (text.Length > 0)
            {
                _tokens.TryAdd(text, (id, token));
            }
        }

        _hasOrdinary = _tokens.Values.Any(entry => !entry.Token.Special);
        _lookup = _tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        _lengths = [.. _tokens.Keys.Select(text => text.Length).Distinct().OrderDescending()];
        _search = _tokens.Count == 0 ? null : SearchValues.Create([.. _tokens.Keys], StringComparison.Ordinal);
    }

    /// <summary>Whether there is anything to look for.</summary>
    public bool MayOccur(bool withSpecial) => withSpecial ? _tokens.Count > 0 : _hasOrdinary;

    /// <summary>Whether one occurs.</summary>
    public bool OccursIn(ReadOnlySpan<char> text, bool withSpecial) => _search is not null && MayOccur(withSpecial) && text.IndexOfAny(_search) >= 0;

    /// <summary>Appends the parts of a text: tokens, and what is between them.</summary>
    public void Cut(NormalizedText text, bool withSpecial, List<TextPart> parts)
    {
        if (_longestFirst)
        {
            CutLongestFirst(text, withSpecial, parts);
            return;
        }

        ReadOnlySpan<char> characters = text.Span;
        int done = 0;
        for (int from = 0; Find(characters, ref from, out int start, out (int Id, AddedToken Token) found);)
        {
            int end = from;
            (int id, AddedToken token) = found;
            if ((!withSpecial && token.Special) || (token.SingleWord && (WordCharacters.EndsWithOne(characters[..start]) || WordCharacters.StartsWithOne(characters[end..]))))
            {
                continue;
            }

            if (token.LStrip)
            {
                while (start > done && char.IsWhiteSpace(characters[start - 1]))
                {
                    start--;
                }

                // What the token before has taken stays its own
                start = Math.Max(start, done);
            }

            if (token.RStrip)
            {
                while (end < characters.Length && char.IsWhiteSpace(characters[end]))
                {
                    end++;
                }
            }

            if (done < start)
            {
                parts.Add(new TextPart(text.Slice(done, start - done)));
            }

            parts.Add(new TextPart(text.Slice(start, Math.Max(0, end - start)), id));
            done = end;
        }

        if (done != characters.Length)
        {
            parts.Add(new TextPart(text.Slice(done, characters.Length - done)));
        }
    }

    private void CutLongestFirst(NormalizedText text, bool withSpecial, List<TextPart> parts)
    {
        ReadOnlySpan<char> characters = text.Span;
        List<(int Start, int End, int Id)> cuts = [(0, characters.Length, -1)];
        foreach ((int id, AddedToken token) in Present(characters).OrderByDescending(found => Encoding.UTF8.GetByteCount(found.Token.Content)).ThenBy(found => found.Id))
        {
            if (!withSpecial && token.Special)
            {
                continue;
            }

            List<(int Start, int End, int Id)> next = new(cuts.Count);
            foreach ((int Start, int End, int Id) cut in cuts)
            {
                if (cut.Id >= 0)
                {
                    next.Add(cut);
                    continue;
                }

                int start = cut.Start;
                while (characters[start..cut.End].IndexOf(token.Content) is int found and >= 0)
                {
                    int left = start + found;
                    int right = left + token.Content.Length;
                    int from = left;
                    while (token.LStrip && left > start && IsAsciiWhiteSpace(characters[left - 1]))
                    {
                        left--;
                    }

                    next.Add((start, left, -1));
                    next.Add((from, right, id));
                    while (token.RStrip && right < cut.End && IsAsciiWhiteSpace(characters[right]))
                    {
                        right++;
                    }

                    start = right;
                }

                next.Add((start, cut.End, -1));
            }

            cuts = next;
        }

        foreach ((int start, int end, int id) in cuts)
        {
            if (start < end)
            {
                parts.Add(new TextPart(text.Slice(start, end - start), id));
            }
        }
    }

    private HashSet<(int Id, AddedToken Token)> Present(ReadOnlySpan<char> text)
    {
        HashSet<(int Id, AddedToken Token)> present = [];
        for (int from = 0; _search is not null && text[from..].IndexOfAny(_search) is int start and >= 0; from++)
        {
            from += start;
            foreach (int length in _lengths)
            {
                if (from + length <= text.Length && _lookup.TryGetValue(text.Slice(from, length), out (int Id, AddedToken Token) found))
                {
                    present.Add(found);
                }
            }
        }

        return present;
    }

    private static bool IsAsciiWhiteSpace(char character) => character is ' ' or (>= '\t' and <= '\r');

    private bool Find(ReadOnlySpan<char> text, ref int from, out int start, out (int Id, AddedToken Token) found)
    {
        start = _search is null ? -1 : text[from..].IndexOfAny(_search);
        found = default;
        if (start < 0)
        {
            return false;
        }

        start += from;
        foreach (int length in _lengths)
        {
            if (start + length <= text.Length && _lookup.TryGetValue(text.Slice(start, length), out found))
            {
                from = start + length;
                return true;
            }
        }

        throw new InvalidOperationException("a token was found that is not among those looked for");
    }
}
