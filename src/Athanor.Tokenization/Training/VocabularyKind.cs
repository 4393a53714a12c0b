namespace Athanor.Tokenization.Training;

/// <summary>The kinds of vocabulary that can be learnt.</summary>
public enum VocabularyKind
{
    /// <summary>Byte pairs: the most frequent neighbours are joined, again and again.</summary>
    BytePairs,

    /// <summary>Unigrams: pieces with probabilities, of which the least useful are left out again and again.</summary>
    Unigram,

    /// <summary>Word pieces: as byte pairs, pieces within a word bear ##.</summary>
    WordPiece,

    /// <summary>Whole words, the most frequent ones.</summary>
    WordLevel,
}
