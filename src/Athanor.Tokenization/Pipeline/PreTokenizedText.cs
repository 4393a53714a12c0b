using Athanor.Tokenization.Normalizers;

namespace Athanor.Tokenization.Pipeline;

/// <summary>A text on its way to becoming tokens: parts in order, some of which are tokens already (added tokens).</summary>
internal sealed class PreTokenizedText
{
    private List<TextPart> _parts = [];
    private List<TextPart> _next = [];

    /// <summary>The whole text as one part; nothing if it is empty.</summary>
    public PreTokenizedText(NormalizedText text)
    {
        if (!text.IsEmpty)
        {
            _parts.Add(new TextPart(text));
        }
    }

    /// <summary>The parts in order; none is empty.</summary>
    public IReadOnlyList<TextPart> Parts => _parts;

    /// <summary>Replaces every part that is no token yet by those that <paramref name="cut"/> appends for it; empty ones are dropped.</summary>
    public void Cut(Action<NormalizedText, List<TextPart>> cut)
    {
        _next.Clear();
        foreach (TextPart part in _parts)
        {
            if (part.TokenId >= 0)
            {
                _next.Add(part);
                continue;
            }

            int first = _next.Count;
            cut(part.Text, _next);
            int kept = first;
            for (int at = first; at < _next.Count; at++)
            {
                if (!_next[at].Text.IsEmpty)
                {
                    _next[kept++] = _next[at];
                }
            }

            _next.RemoveRange(kept, _next.Count - kept);
        }

        (_parts, _next) = (_next, _parts);
    }

    /// <summary>Rewrites every part that is no token yet; one that becomes empty stays a word without tokens.</summary>
    public void Rewrite(Func<NormalizedText, NormalizedText> rewrite)
    {
        for (int at = 0; at < _parts.Count; at++)
        {
            if (_parts[at].TokenId < 0)
            {
                _parts[at] = new TextPart(rewrite(_parts[at].Text));
            }
        }
    }
}

/// <summary>A part of a text.</summary>
/// <param name="Text">What stands there.</param>
/// <param name="TokenId">The id where it is a token already, otherwise -1.</param>
internal readonly record struct TextPart(NormalizedText Text, int TokenId = -1);
