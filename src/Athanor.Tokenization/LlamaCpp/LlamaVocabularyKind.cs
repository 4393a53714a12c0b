namespace Athanor.Tokenization.LlamaCpp;

/// <summary>Which of llama.cpp's vocabularies one is.</summary>
internal enum LlamaVocabularyKind
{
    /// <summary>SPM: SentencePiece's byte pairs.</summary>
    SentencePieces,

    /// <summary>BPE: byte pairs with rules.</summary>
    BytePairs,

    /// <summary>WPM: BERT's word pieces.</summary>
    WordPieces,

    /// <summary>UGM: SentencePiece's unigrams.</summary>
    Unigrams,

    /// <summary>RWKV: the longest token.</summary>
    Rwkv,

    /// <summary>PLaMo-2.</summary>
    Plamo,
}
