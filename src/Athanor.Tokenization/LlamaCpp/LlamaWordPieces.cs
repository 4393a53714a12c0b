using System.Text;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>
/// llama.cpp's WPM: BERT's word pieces, where the pieces that begin a word carry a <c>▁</c> and the others nothing. A word that cannot be written is unknown as a whole.
/// </summary>
/// <param name="vocabulary">The tokens.</param>
/// <param name="unknown">What stands for a word that cannot be written.</param>
/// <param name="lowercase">Whether words are put in lower case.</param>
/// <param name="stripAccents">Whether characters lose their accents.</param>
internal sealed class LlamaWordPieces(LlamaVocabulary vocabulary, int unknown, bool lowercase, bool stripAccents) : ILlamaModel
{
    /// <summary>Whether words are put in lower case.</summary>
    public bool Lowercase => lowercase;

    /// <summary>Whether characters lose their accents.</summary>
    public bool StripsAccents => stripAccents;

    public void Encode(ReadOnlySpan<byte> text, int start, List<Piece> pieces)
    {
        // The letters of a word, each with the place of its character
        List<(byte Letter, int From, int To)> word = [];
        Span<byte> written = stackalloc byte[4];
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out Rune rune, out int consumed);
            text = text[consumed..];
            start += consumed;
            int point = stripAccents ? Decomposition.First(rune.Value) : rune.Value;
            CodePointClass kind = CodePointClasses.Of(point);
            if ((kind & CodePointClass.WhiteSpace) != 0)
            {
                EndWord(word, pieces);
                continue;
            }

            if (point is 0 or 0xFFFD || (kind & CodePointClass.Control) != 0 || (stripAccents && (kind & CodePointClass.Mark) != 0))
            {
                continue;
            }

            bool alone = (kind & CodePointClass.Punctuation) != 0 || (point < 0x7F && (kind & CodePointClass.Symbol) != 0) || IsChinese(point);
            if (alone)
            {
                EndWord(word, pieces);
            }

            int length = new Rune(lowercase ? CodePointClasses.Lower(point) : point).EncodeToUtf8(written);
            foreach (byte letter in written[..length])
            {
                word.Add((letter, start - consumed, start));
            }

            if (alone)
            {
                EndWord(word, pieces);
            }
        }

        EndWord(word, pieces);
    }

    private void EndWord(List<(byte Letter, int From, int To)> letters, List<Piece> pieces)
    {
        if (letters.Count == 0)
        {
            return;
        }

        byte[] word = [.. "▁"u8, .. letters.Select(letter => letter.Letter)];
        int before = pieces.Count;
        for (int at = 0; at < word.Length;)
        {
            int id = -1;
            int length = Math.Min(word.Length - at, vocabulary.LongestToken);
            while (length > 0 && (id = vocabulary.Find(word.AsSpan(at, length))) < 0)
            {
                length--;
            }

            if (id < 0)
            {
                pieces.RemoveRange(before, pieces.Count - before);
                break;
            }

            int first = Math.Max(0, at - 3);
            int last = Math.Max(0, at + length - 4);
            pieces.Add(new Piece(id, letters[first].From, at + length <= 3 ? letters[first].From : letters[last].To));
            at += length;
        }

        if (pieces.Count == before && unknown >= 0)
        {
            pieces.Add(new Piece(unknown, letters[0].From, letters[^1].To));
        }

        letters.Clear();
    }

    // The ranges of llama.cpp, with the slip of Hugging Face's that it repeats (0x2B920 instead of 0x2B820)
    private static bool IsChinese(int point) => point is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
