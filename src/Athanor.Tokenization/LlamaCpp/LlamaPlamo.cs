using System.Text;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>
/// llama.cpp's PLaMo-2: the segmentation with the highest sum of scores, found from the end of the text with a table of all suffixes of all tokens. Scores are in
/// ten-thousandths; a character without a token is written in byte tokens.
/// </summary>
internal sealed class LlamaPlamo : ILlamaModel
{
    /// <summary>The most characters of a token: the table holds every suffix of it.</summary>
    public const int LongestToken = 256;

    private const int Invalid = -20_000_000;
    private const int Unknown = -10_000_000;

    private readonly int[] _bytes = new int[256];
    private readonly Dictionary<(int Point, int Suffix), int> _suffixes = [];
    private readonly List<Row> _table = [];

    /// <param name="vocabulary">The tokens, none longer than <see cref="LongestToken"/> characters.</param>
    public LlamaPlamo(LlamaVocabulary vocabulary)
    {
        // No score: a suffix that is no token
        Dictionary<string, float> scores = [];
        Dictionary<string, int> ids = [];
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (vocabulary.Is(id, TokenAttributes.Byte))
            {
                continue;
            }

            string text = Encoding.UTF8.GetString(vocabulary.Texts[id]);
            ids[text] = id;
            scores[text] = vocabulary.Scores[id];
            for (int at = Step(text, 0); at < text.Length; at += Step(text, at))
            {
                scores.TryAdd(text[at..], float.NaN);
            }
        }

        for (int value = 0; value < 256; value++)
        {
            _bytes[value] = vocabulary.FindByte((byte)value);
        }

        // By their bytes from the last to the first
        (string Text, byte[] Key)[] suffixes = [.. scores.Keys.Append("").Distinct().Select(text => (text, Enumerable.Reverse(Encoding.UTF8.GetBytes(text)).ToArray()))];
        Array.Sort(suffixes, (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        Dictionary<string, int> rows = [];
        int row = 0;
        foreach ((string text, _) in suffixes)
        {
            rows[text] = row;
            if (text.Length > 0)
            {
                int first = Step(text, 0);
                _suffixes[(char.ConvertToUtf32(text, 0), rows[text[first..]])] = row;
            }

            row += 1 + Prefixes(text).Count(scores.ContainsKey);
        }

        foreach ((string text, _) in suffixes)
        {
            foreach (string piece in Prefixes(text))
            {
                if (scores.TryGetValue(piece, out float score))
                {
                    int points = piece.EnumerateRunes().Count();
                    _table.Add(new Row(points, ids.GetValueOrDefault(piece, -1), float.IsFinite(score) ? (int)Math.Round(score * 1e4, MidpointRounding.AwayFromZero) : Invalid, rows[piece]));
                }
            }

            _table.Add(new Row(1, -1, Unknown, 0));
        }
    }

    public void Encode(ReadOnlySpan<byte> text, int start, List<Piece> pieces)
    {
        List<int> points = new(text.Length);
        foreach (Rune rune in Encoding.UTF8.GetString(text).EnumerateRunes())
        {
            points.Add(rune.Value);
        }

        if (points.Count > 0 && points[0] == 0xFEFF)
        {
            points.RemoveAt(0);
            start += 3;
        }

        long[] scores = new long[points.Count + 1];
        Array.Fill(scores, 1L << 60);
        scores[points.Count] = 0;
        (int Length, int Id)[] path = new (int, int)[points.Count];
        int suffix = 0;
        for (int at = points.Count - 1; at >= 0; at--)
        {
            for (int row = suffix; row < _table.Count; row++)
            {
                suffix = _suffixes.GetValueOrDefault((points[at], _table[row].Piece));
                if (suffix > 0 || _table[row].Score == Unknown)
                {
                    break;
                }
            }

            for (int row = suffix; row < _table.Count; row++)
            {
                Row entry = _table[row];
                if (entry.Score > Invalid && scores[at + entry.Points] - entry.Score < scores[at])
                {
                    scores[at] = scores[at + entry.Points] - entry.Score;
                    path[at] = (entry.Points, entry.Id);
                }

                if (entry.Score == Unknown)
                {
                    break;
                }
            }
        }

        Span<byte> letters = stackalloc byte[4];
        for (int at = 0; at < points.Count; at += path[at].Length)
        {
            int end = start;
            for (int point = at; point < at + path[at].Length; point++)
            {
                end += new Rune(points[point]).Utf8SequenceLength;
            }

            if (path[at].Id >= 0)
            {
                pieces.Add(new Piece(path[at].Id, start, end));
            }
            else
            {
                foreach (byte letter in letters[..new Rune(points[at]).EncodeToUtf8(letters)])
                {
                    pieces.Add(new Piece(_bytes[letter], start, end));
                }
            }

            start = end;
        }
    }

    private static int Step(string text, int at) => at < text.Length && char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1;

    /// <summary>All prefixes, the longest first.</summary>
    private static IEnumerable<string> Prefixes(string text)
    {
        for (int end = text.Length; end > 0; end -= end > 1 && char.IsLowSurrogate(text[end - 1]) ? 2 : 1)
        {
            yield return text[..end];
        }
    }

    private readonly record struct Row(int Points, int Id, int Score, int Piece);
}
