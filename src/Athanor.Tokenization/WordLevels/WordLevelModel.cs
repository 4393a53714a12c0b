using System.Text;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.WordLevels;

/// <summary>Whole words: a word is in the vocabulary or unknown.</summary>
internal sealed class WordLevelModel(TokenVocabulary vocabulary, string unknownToken) : ITokenModel
{
    private readonly int _unknown = vocabulary.TryGetId(unknownToken, out int id) ? id : -1;

    /// <summary>The tokens.</summary>
    public TokenVocabulary Vocabulary => vocabulary;

    /// <summary>What stands for unknown words, where the vocabulary has it.</summary>
    public string UnknownToken => unknownToken;

    /// <inheritdoc/>
    public int VocabularySize => vocabulary.Count;

    /// <inheritdoc/>
    public int IdLimit => vocabulary.IdLimit;

    /// <inheritdoc/>
    public bool TryGetId(string token, out int id) => vocabulary.TryGetId(token, out id);

    /// <inheritdoc/>
    public string? TokenOf(int id) => vocabulary.TokenOf(id);

    /// <inheritdoc/>
    public void Tokenize(ReadOnlySpan<char> word, List<Piece> pieces)
    {
        if (!vocabulary.TryGetId(word, out int id))
        {
            id = _unknown >= 0 ? _unknown : throw new EncodingException($"the word {word} is not in the vocabulary, and {unknownToken}, which stands for unknown words, is not either");
        }

        pieces.Add(new Piece(id, 0, Encoding.UTF8.GetByteCount(word)));
    }
}
