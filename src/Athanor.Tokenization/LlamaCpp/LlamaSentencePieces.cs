using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>
/// llama.cpp's SPM: pairs of neighbours whose text is a token are merged, the one with the highest score first, of equal ones the leftmost. What is no token in the
/// end is written in byte tokens.
/// </summary>
internal sealed class LlamaSentencePieces : ILlamaModel, ISymbolMerger
{
    private readonly LlamaVocabulary _vocabulary;
    private readonly bool _addSpacePrefix;
    private readonly int _unknown;
    private readonly int[] _bytes;

    /// <param name="vocabulary">The tokens.</param>
    /// <param name="addSpacePrefix">Whether a space is set before a text and after a special token.</param>
    /// <param name="unknown">What stands for a byte without a token; -1: nothing does.</param>
    public LlamaSentencePieces(LlamaVocabulary vocabulary, bool addSpacePrefix, int unknown)
    {
        _vocabulary = vocabulary;
        _addSpacePrefix = addSpacePrefix;
        _unknown = unknown;
        _bytes = [.. Enumerable.Range(0, 256).Select(value => vocabulary.FindByte((byte)value))];
    }

    public void Encode(ReadOnlySpan<byte> text, int start, List<Piece> pieces)
    {
        using EscapedText escaped = new(text, _addSpacePrefix);

        // The space before the text takes none of it
        int prefix = _addSpacePrefix ? "▁"u8.Length : 0;
        int done = 0;
        int from = 0;
        foreach ((int id, int length) in SymbolChain.Merge(escaped.Bytes, this))
        {
            int to = from + EscapedText.OriginalLength(text[from..], length - prefix);
            if (id >= 0)
            {
                pieces.Add(new Piece(id, start + from, start + to));
            }
            else
            {
                foreach (byte value in escaped.Bytes.Slice(done, length))
                {
                    int token = _bytes[value] >= 0 ? _bytes[value] : _unknown;
                    if (token >= 0)
                    {
                        pieces.Add(new Piece(token, start + from, start + to));
                    }
                }
            }

            prefix = 0;
            done += length;
            from = to;
        }
    }

    int ISymbolMerger.SymbolOf(ReadOnlySpan<byte> character) => _vocabulary.Find(character);

    bool ISymbolMerger.TryMerge(int left, int right, ReadOnlySpan<byte> text, out int result, out uint order)
    {
        result = _vocabulary.Find(text);
        order = result < 0 ? 0 : Descending(_vocabulary.Scores[result]);
        return result >= 0;
    }

    /// <summary>A number that is the smaller the higher the score is.</summary>
    private static uint Descending(float score)
    {
        // + 0 makes both zeros one
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
        return (bits & 0x80000000) != 0 ? bits : ~bits & 0x7FFFFFFF;
    }
}
