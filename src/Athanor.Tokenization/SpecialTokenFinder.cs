using System.Buffers;

namespace Athanor.Tokenization;

/// <summary>Finds the first special token in a text; of several that begin at the same place the longest.</summary>
internal sealed class SpecialTokenFinder
{
    private readonly (string Text, int Id)[] _longestFirst;
    private readonly SearchValues<string> _search;

    public SpecialTokenFinder(IEnumerable<KeyValuePair<string, int>> tokens)
    {
        _longestFirst = [.. tokens.Select(token => (token.Key, token.Value)).OrderByDescending(token => token.Key.Length)];
        _search = SearchValues.Create([.. _longestFirst.Select(token => token.Text)], StringComparison.Ordinal);
    }

    public bool Find(ReadOnlySpan<char> text, out int position, out int length, out int id)
    {
        position = _longestFirst.Length == 0 ? -1 : text.IndexOfAny(_search);
        if (position >= 0)
        {
            foreach ((string token, int tokenId) in _longestFirst)
            {
                if (text[position..].StartsWith(token, StringComparison.Ordinal))
                {
                    length = token.Length;
                    id = tokenId;
                    return true;
                }
            }
        }

        length = 0;
        id = -1;
        return false;
    }
}
