using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting;

/// <summary>Cuts texts where something was found in them.</summary>
internal static class TextCutter
{
    /// <summary>Appends the parts of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="matches">What was found, from left to right.</param>
    /// <param name="behavior">What happens to it.</param>
    /// <param name="invert">Whether what was found are the parts, and what is between them separates.</param>
    /// <param name="parts">Where the parts go; some may be empty.</param>
    public static void Cut(NormalizedText text, List<TextMatch> matches, SplitBehavior behavior, bool invert, List<TextPart> parts)
    {
        // Pieces in order; with MergedWithNext a separator takes what comes, so that one waits for the piece after it
        int start = -1, end = -1;
        bool previous = false;
        void Flush()
        {
            if (start >= 0)
            {
                parts.Add(new TextPart(text.Slice(start, end - start)));
            }

            start = -1;
        }

        void Piece(int from, int to, bool separates)
        {
            bool joins = start >= 0 && behavior switch
            {
                SplitBehavior.Contiguous => separates == previous,
                SplitBehavior.MergedWithPrevious => separates && !previous,
                SplitBehavior.MergedWithNext => previous && !separates,
                _ => false,
            };
            previous = separates;
            if (joins)
            {
                end = to;
                return;
            }

            Flush();
            if (!(separates && behavior == SplitBehavior.Removed))
            {
                (start, end) = (from, to);
            }
        }

        int at = 0;
        foreach (TextMatch match in matches)
        {
            if (match.Start > at)
            {
                Piece(at, match.Start, invert);
            }

            Piece(match.Start, match.End, !invert);
            at = match.End;
        }

        if (at < text.Length || text.IsEmpty)
        {
            Piece(at, text.Length, invert);
        }

        Flush();
    }

    /// <summary>Cuts every part of a text at the characters of a set, each by itself.</summary>
    public static void CutAtCharacters(PreTokenizedText text, CodePointSet set, SplitBehavior behavior)
    {
        List<TextMatch> matches = [];
        text.Cut((part, parts) =>
        {
            matches.Clear();
            FindCharacters(part.Span, set, matches);
            Cut(part, matches, behavior, invert: false, parts);
        });
    }

    private static void FindCharacters(ReadOnlySpan<char> text, CodePointSet set, List<TextMatch> matches)
    {
        int at = 0;
        while (at < text.Length)
        {
            int start = at;
            int code = text[at++];
            if (char.IsHighSurrogate((char)code) && at < text.Length)
            {
                code = char.ConvertToUtf32((char)code, text[at++]);
            }

            if (set.Contains(code))
            {
                matches.Add(new TextMatch(start, at));
            }
        }
    }
}
