using System.Runtime.InteropServices;
using System.Text;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unigrams;

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
    private readonly PieceTrie _trie = new(vocabulary.Texts);
    private readonly RememberedWords _remembered = new();

    [ThreadStatic]
    private static Word? _word;

    /// <summary>Whether words are put in lower case.</summary>
    public bool Lowercase => lowercase;

    /// <summary>Whether characters lose their accents.</summary>
    public bool StripsAccents => stripAccents;

    public void Encode(ReadOnlySpan<byte> text, int start, List<Piece> pieces)
    {
        Word word = _word ?? new();
        _word = null;
        word.Clear();
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
            word.Add(written[..length], start - consumed, start);
            if (alone)
            {
                EndWord(word, pieces);
            }
        }

        EndWord(word, pieces);
        _word = word.IsLarge ? null : word;
    }

    public void EncodeIds(ReadOnlySpan<byte> text, List<int> ids)
    {
        for (int at = 0; at < text.Length;)
        {
            if (AsciiChunks.IsSpace(text[at]))
            {
                at++;
                continue;
            }

            int length = AsciiChunks.LengthOf(text[at..]);
            if (!_remembered.TryAppend(text, at, length, ids))
            {
                EncodeNew(text.Slice(at, length), ids);
            }

            at += length;
        }
    }

    private void EncodeNew(ReadOnlySpan<byte> chunk, List<int> ids)
    {
        int before = ids.Count;
        using ScratchPieces scratch = new();
        Encode(chunk, 0, scratch.Pieces);
        scratch.AppendIds(ids);
        _remembered.Keep(chunk, CollectionsMarshal.AsSpan(ids)[before..]);
    }

    private void EndWord(Word word, List<Piece> pieces)
    {
        if (word.IsEmpty)
        {
            return;
        }

        int before = pieces.Count;
        ReadOnlySpan<byte> letters = word.Letters;
        for (int at = 0; at < letters.Length;)
        {
            int length = _trie.LongestPrefix(letters[at..], out int id);
            if (length == 0)
            {
                pieces.RemoveRange(before, pieces.Count - before);
                break;
            }

            // A piece that is nothing but the mark takes none of the word
            int from = word.FromOf(at);
            pieces.Add(new Piece(id, from, at + length <= Word.Mark.Length ? from : word.ToOf(at + length - 1)));
            at += length;
        }

        if (pieces.Count == before && unknown >= 0)
        {
            pieces.Add(new Piece(unknown, word.FromOf(0), word.ToOf(letters.Length - 1)));
        }

        word.Clear();
    }

    // The ranges of llama.cpp, with the slip of Hugging Face's that it repeats (0x2B920 instead of 0x2B820)
    private static bool IsChinese(int point) => point is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    /// <summary>The letters of a word behind the mark, each with the place of its character. Used again from word to word.</summary>
    private sealed class Word
    {
        private readonly List<byte> _letters = [];
        private readonly List<(int From, int To)> _places = [];

        public Word() => Clear();

        public static ReadOnlySpan<byte> Mark => "▁"u8;

        public ReadOnlySpan<byte> Letters => CollectionsMarshal.AsSpan(_letters);

        public bool IsEmpty => _places.Count == 0;

        /// <summary>Whether it once was so long that it is not kept.</summary>
        public bool IsLarge => _letters.Capacity > 1 << 20;

        public void Clear()
        {
            _letters.Clear();
            _letters.AddRange(Mark);
            _places.Clear();
        }

        public void Add(ReadOnlySpan<byte> letters, int from, int to)
        {
            _letters.AddRange(letters);
            for (int at = 0; at < letters.Length; at++)
            {
                _places.Add((from, to));
            }
        }

        /// <summary>Where the character of a letter begins; of the mark, where the word does.</summary>
        public int FromOf(int letter) => _places[Math.Max(0, letter - Mark.Length)].From;

        /// <summary>Where the character of a letter ends.</summary>
        public int ToOf(int letter) => _places[Math.Max(0, letter - Mark.Length)].To;
    }
}
