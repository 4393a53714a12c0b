namespace Athanor.Tokenization.SentencePiece;

/// <summary>How a SentencePiece model was trained (<c>TrainerSpec</c> of <c>sentencepiece_model.proto</c>); encoding reads a few of these. What is not set has the default given.</summary>
public sealed class TrainerSpec
{
    /// <summary>Creates one in which nothing is set.</summary>
    public TrainerSpec()
        : this(new ProtocolMessage())
    {
    }

    internal TrainerSpec(ProtocolMessage message) => Message = message;

    /// <summary>The kind of model; Unigram.</summary>
    public ModelType ModelType
    {
        get => Message.Number(3) is ulong type and >= 1 and <= 4 ? (ModelType)type : ModelType.Unigram;
        set => Message.Set(3, (int)value);
    }

    /// <summary>How many pieces there are to be; 8000.</summary>
    public int VocabularySize { get => Integer(4, 8000); set => Message.Set(4, value); }

    /// <summary>What share of the characters is kept as pieces; 0.9995.</summary>
    public float CharacterCoverage { get => Message.Single(10) ?? 0.9995f; set => Message.Set(10, value); }

    /// <summary>How many sentences are read at most, 0 for all; 0.</summary>
    public int InputSentenceSize { get => Integer(11, 0); set => Message.Set(11, value); }

    /// <summary>Unigram: how many substrings it begins with; 1,000,000.</summary>
    public int SeedPieceSize { get => Integer(14, 1_000_000); set => Message.Set(14, value); }

    /// <summary>Unigram: what share of the pieces a pruning leaves; 0.75.</summary>
    public float ShrinkingFactor { get => Message.Single(15) ?? 0.75f; set => Message.Set(15, value); }

    /// <summary>Unigram: steps of expectation maximization between two prunings; 2.</summary>
    public int SubIterations { get => Integer(17, 2); set => Message.Set(17, value); }

    /// <summary>Longer sentences are left out, in bytes; 4192.</summary>
    public int MaximumSentenceLength { get => Integer(18, 4192); set => Message.Set(18, value); }

    /// <summary>The longest piece in characters; 16.</summary>
    public int MaximumPieceLength { get => Integer(20, 16); set => Message.Set(20, value); }

    /// <summary>Whether no piece holds two scripts; true.</summary>
    public bool SplitByUnicodeScript { get => Flag(21, true); set => Message.Set(21, value); }

    /// <summary>Whether no piece crosses white space; true.</summary>
    public bool SplitByWhitespace { get => Flag(22, true); set => Message.Set(22, value); }

    /// <summary>Whether no piece holds digits and others; true.</summary>
    public bool SplitByNumber { get => Flag(23, true); set => Message.Set(23, value); }

    /// <summary>Whether white space ends a word instead of beginning the next; false.</summary>
    public bool TreatWhitespaceAsSuffix { get => Flag(24, false); set => Message.Set(24, value); }

    /// <summary>Whether every digit is a piece of its own; false.</summary>
    public bool SplitDigits { get => Flag(25, false); set => Message.Set(25, value); }

    /// <summary>Whether runs of white space may be pieces; false.</summary>
    public bool AllowWhitespaceOnlyPieces { get => Flag(26, false); set => Message.Set(26, value); }

    /// <summary>Pieces that are never found in text.</summary>
    public IEnumerable<string> ControlSymbols { get => Message.Texts(30); set => Message.Set(30, value); }

    /// <summary>Pieces that are always kept whole.</summary>
    public IEnumerable<string> UserDefinedSymbols { get => Message.Texts(31); set => Message.Set(31, value); }

    /// <summary>Whether <see cref="VocabularySize"/> must be reached; true.</summary>
    public bool HardVocabularyLimit { get => Flag(33, true); set => Message.Set(33, value); }

    /// <summary>Whether all pieces are kept; false.</summary>
    public bool UseAllVocabulary { get => Flag(34, false); set => Message.Set(34, value); }

    /// <summary>Whether unknown characters are written as byte pieces; false.</summary>
    public bool ByteFallback { get => Flag(35, false); set => Message.Set(35, value); }

    /// <summary>Characters that are kept whatever their frequency; empty.</summary>
    public string RequiredCharacters { get => Message.Text(36) ?? ""; set => Message.Set(36, value); }

    /// <summary>The id of the unknown piece; 0.</summary>
    public int UnknownId { get => Integer(40, 0); set => Message.Set(40, value); }

    /// <summary>The id of the piece before a text; 1, −1: there is none.</summary>
    public int BeginningId { get => Integer(41, 1); set => Message.Set(41, value); }

    /// <summary>The id of the piece after a text; 2, −1: there is none.</summary>
    public int EndId { get => Integer(42, 2); set => Message.Set(42, value); }

    /// <summary>The id of padding; −1: there is none.</summary>
    public int PaddingId { get => Integer(43, -1); set => Message.Set(43, value); }

    /// <summary>What the unknown piece is decoded to; null: " ⁇ ".</summary>
    public string? UnknownSurface { get => Message.Text(44); set => Message.Set(44, value); }

    /// <summary>The name of the unknown piece.</summary>
    public string UnknownPiece { get => Name(45, "<unk>"); set => Message.Set(45, value); }

    /// <summary>The name of the piece before a text.</summary>
    public string BeginningPiece { get => Name(46, "<s>"); set => Message.Set(46, value); }

    /// <summary>The name of the piece after a text.</summary>
    public string EndPiece { get => Name(47, "</s>"); set => Message.Set(47, value); }

    /// <summary>The name of padding.</summary>
    public string PaddingPiece { get => Name(48, "<pad>"); set => Message.Set(48, value); }

    /// <summary>A character that cuts the training text beside white space; empty: none.</summary>
    public string PretokenizationDelimiter { get => Message.Text(53) ?? ""; set => Message.Set(53, value); }

    internal ProtocolMessage Message { get; }

    private int Integer(int field, int otherwise) => Message.Number(field) is ulong value ? unchecked((int)value) : otherwise;

    private bool Flag(int field, bool otherwise) => Message.Number(field) is ulong value ? value != 0 : otherwise;

    private string Name(int field, string otherwise) => Message.Text(field) is { Length: > 0 } name ? name : otherwise;
}

/// <summary>How a model cuts text into pieces, by the numbers of the file format.</summary>
public enum ModelType
{
    /// <summary>The most probable pieces (Kudo 2018).</summary>
    Unigram = 1,

    /// <summary>Byte pairs, here of characters (Sennrich et al. 2016).</summary>
    BytePairs = 2,

    /// <summary>Words between white space.</summary>
    Words = 3,

    /// <summary>Characters.</summary>
    Characters = 4,
}
