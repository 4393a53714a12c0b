using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>llama.cpp's hybrid of text and DNA: between <c>&lt;dna&gt;</c> and <c>&lt;/dna&gt;</c> stand groups of six bases, elsewhere byte pairs.</summary>
internal sealed class LlamaDna : ILlamaModel
{
    private const int GroupLength = 6;

    private readonly ILlamaModel _text;
    private readonly LlamaVocabulary _vocabulary;
    private readonly int _open;
    private readonly int _close;
    private readonly int _unknown;

    /// <param name="text">What writes the text elsewhere.</param>
    /// <param name="vocabulary">The tokens; those of bases end in <see cref="Marker"/>.</param>
    public LlamaDna(ILlamaModel text, LlamaVocabulary vocabulary)
    {
        _text = text;
        _vocabulary = vocabulary;
        _open = vocabulary.Find("<dna>"u8);
        _close = vocabulary.Find("</dna>"u8);
        _unknown = vocabulary.Find("<oov>"u8);
    }

    /// <summary>What tells a token of bases from a word of the same letters (U+E000).</summary>
    public static ReadOnlySpan<byte> Marker => [0xEE, 0x80, 0x80];

    public void Encode(ReadOnlySpan<byte> text, int start, List<Piece> pieces)
    {
        ReadOnlySpan<byte> opening = "<dna>"u8;
        ReadOnlySpan<byte> closing = "</dna>"u8;
        int open;
        while (_open >= 0 && _close >= 0 && _unknown >= 0 && (open = text.IndexOf(opening)) >= 0)
        {
            if (open > 0)
            {
                _text.Encode(text[..open], start, pieces);
            }

            pieces.Add(new Piece(_open, start + open, start + open + opening.Length));
            text = text[(open + opening.Length)..];
            start += open + opening.Length;
            int end = text.IndexOf(closing);
            EncodeBases(end < 0 ? text : text[..end], start, pieces);
            if (end < 0)
            {
                return;
            }

            pieces.Add(new Piece(_close, start + end, start + end + closing.Length));
            text = text[(end + closing.Length)..];
            start += end + closing.Length;
        }

        if (!text.IsEmpty)
        {
            _text.Encode(text, start, pieces);
        }
    }

    private void EncodeBases(ReadOnlySpan<byte> bases, int start, List<Piece> pieces)
    {
        Span<byte> group = stackalloc byte[GroupLength + 3];
        Marker.CopyTo(group[GroupLength..]);
        while (!bases.IsEmpty)
        {
            int length = Math.Min(GroupLength, bases.Length);
            for (int at = 0; at < GroupLength; at++)
            {
                group[at] = at < bases.Length ? bases[at] : (byte)'A';
                group[at] = group[at] is >= (byte)'a' and <= (byte)'z' ? (byte)(group[at] - 32) : group[at];
            }

            int id = _vocabulary.Find(group);
            pieces.Add(new Piece(id >= 0 ? id : _unknown, start, start + length));
            bases = bases[length..];
            start += length;
        }
    }
}
