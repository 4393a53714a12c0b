using System.Text;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>llama.cpp's model "whitespace": white space is dropped, what stands between goes to byte pairs, in lower case where the file says so.</summary>
/// <param name="words">What writes a word.</param>
/// <param name="lowercase">Whether it is put in lower case.</param>
internal sealed class LlamaWhiteSpace(ILlamaModel words, bool lowercase) : ILlamaModel
{
    public void Encode(ReadOnlySpan<byte> text, int start, List<Piece> pieces)
    {
        List<byte> word = [];
        int from = start;
        Span<byte> written = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out Rune rune, out int consumed);
            text = text[consumed..];
            start += consumed;
            if ((CodePointClasses.Of(rune.Value) & CodePointClass.WhiteSpace) == 0)
            {
                from = word.Count == 0 ? start - consumed : from;
                int length = new Rune(lowercase ? CodePointClasses.Lower(rune.Value) : rune.Value).EncodeToUtf8(written);
                word.AddRange(written[..length]);
            }
            else
            {
                End(start - consumed);
            }
        }

        End(start);

        void End(int to)
        {
            if (word.Count == 0)
            {
                return;
            }

            int first = pieces.Count;
            words.Encode([.. word], from, pieces);
            for (int at = first; lowercase && at < pieces.Count; at++)
            {
                // Lower case may have another length
                pieces[at] = pieces[at] with { Start = Math.Min(pieces[at].Start, to), End = Math.Min(pieces[at].End, to) };
            }

            word.Clear();
        }
    }
}
