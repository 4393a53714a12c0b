using System.Buffers;
using System.Text;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.WordPieces;

/// <summary>
/// Word pieces (Schuster and Nakajima 2012; Devlin et al. 2019): from the left the longest piece that fits, pieces within a word bear a prefix; a word that does not come out is unknown as a whole.
/// </summary>
internal sealed class WordPieceModel : ITokenModel
{
    private readonly int _unknown;
    private readonly byte[] _prefix;
    private readonly int _longest;

    public WordPieceModel(TokenVocabulary vocabulary, string unknownToken, string continuingPrefix, int maxCharacters)
    {
        Vocabulary = vocabulary;
        UnknownToken = unknownToken;
        ContinuingPrefix = continuingPrefix;
        MaxCharacters = maxCharacters;
        _unknown = vocabulary.TryGetId(unknownToken, out int id) ? id : -1;
        _prefix = Encoding.UTF8.GetBytes(continuingPrefix);
        foreach (int token in vocabulary.Ids)
        {
            _longest = Math.Max(_longest, vocabulary.BytesOf(token).Length);
        }
    }

    /// <summary>The tokens.</summary>
    public TokenVocabulary Vocabulary { get; }

    /// <summary>What stands for unknown words.</summary>
    public string UnknownToken { get; }

    /// <summary>What pieces that do not begin a word bear in front.</summary>
    public string ContinuingPrefix { get; }

    /// <summary>Longer words (in code points) are unknown.</summary>
    public int MaxCharacters { get; }

    /// <inheritdoc/>
    public int VocabularySize => Vocabulary.Count;

    /// <inheritdoc/>
    public int IdLimit => Vocabulary.IdLimit;

    /// <inheritdoc/>
    public bool TryGetId(string token, out int id) => Vocabulary.TryGetId(token, out id);

    /// <inheritdoc/>
    public string? TokenOf(int id) => Vocabulary.TokenOf(id);

    /// <inheritdoc/>
    public void Tokenize(ReadOnlySpan<char> word, List<Piece> pieces)
    {
        if (word.IsEmpty)
        {
            return;
        }

        // The prefix stands before the bytes of the word, and before the rest of it after each piece: then every candidate is one range
        byte[] buffer = ArrayPool<byte>.Shared.Rent(_prefix.Length + Encoding.UTF8.GetMaxByteCount(word.Length));
        int length = Encoding.UTF8.GetBytes(word, buffer.AsSpan(_prefix.Length));
        int first = pieces.Count;
        bool known = CountCharacters(buffer.AsSpan(_prefix.Length, length)) <= MaxCharacters && Cut(buffer, length, pieces);
        ArrayPool<byte>.Shared.Return(buffer);
        if (!known)
        {
            pieces.RemoveRange(first, pieces.Count - first);
            int unknown = _unknown >= 0 ? _unknown : throw new EncodingException($"the word {word} cannot be written, and {UnknownToken}, which stands for unknown words, is not in the vocabulary");
            pieces.Add(new Piece(unknown, 0, length));
        }
    }

    private bool Cut(byte[] buffer, int length, List<Piece> pieces)
    {
        int shift = _prefix.Length;
        for (int start = 0; start < length;)
        {
            int from = start > 0 ? start : shift;
            if (start > 0)
            {
                // What is overwritten belongs to pieces already found
                _prefix.CopyTo(buffer, start);
            }

            int end = Math.Min(length, start + _longest);
            int id = -1;
            for (; end > start; end--)
            {
                bool atCharacter = end == length || (buffer[shift + end] & 0xC0) != 0x80;
                if (atCharacter && Vocabulary.TryGetId(buffer.AsSpan(from, shift + end - from), out id))
                {
                    break;
                }
            }

            if (end == start)
            {
                return false;
            }

            pieces.Add(new Piece(id, start, end));
            start = end;
        }

        return true;
    }

    private static int CountCharacters(ReadOnlySpan<byte> word)
    {
        int count = 0;
        foreach (byte value in word)
        {
            count += (value & 0xC0) != 0x80 ? 1 : 0;
        }

        return count;
    }
}
