namespace Athanor.Tokenization.Pipeline;

/// <summary>
/// Turns a word (or, where nothing cuts the text, all of it) into pieces of a vocabulary: byte pairs, unigrams, word pieces, whole words. Immutable, used by many threads at once.
/// </summary>
internal interface ITokenModel
{
    /// <summary>How many tokens the vocabulary has. Where ids have gaps the largest id may be above it.</summary>
    int VocabularySize { get; }

    /// <summary>The largest id and one more.</summary>
    int IdLimit { get; }

    /// <summary>The id of a token as the file writes it.</summary>
    bool TryGetId(string token, out int id);

    /// <summary>The token of an id as the file writes it; null where the id stands for none.</summary>
    string? TokenOf(int id);

    /// <summary>Appends the pieces of a word, in order. The word has no unpaired surrogate.</summary>
    /// <exception cref="EncodingException">The word cannot be written in this vocabulary.</exception>
    void Tokenize(ReadOnlySpan<char> word, List<Piece> pieces);
}

/// <summary>
/// A piece of a word. Offsets are in bytes of the word's UTF-8: pieces may be parts of a character, and what the reference makes of a dropped or added byte is told in bytes. The
/// pipeline turns them into places of the original text, where a part of a character stands for the whole of it.
/// </summary>
/// <param name="Id">Its id.</param>
/// <param name="Start">Where it begins in the word, in UTF-8 bytes.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Token">Its text where that is not the vocabulary's for its id, as for an unknown piece of a unigram model; null: the vocabulary's.</param>
internal readonly record struct Piece(int Id, int Start, int End, string? Token = null);
