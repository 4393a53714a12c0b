using System.Text;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>A piece of a SentencePiece model; its id is its place in the file.</summary>
/// <param name="Bytes">Its text in UTF-8; not empty.</param>
/// <param name="Score">Unigram: the natural logarithm of its probability; byte pairs: the larger, the earlier it is merged.</param>
/// <param name="Type">What it is.</param>
public sealed record ModelPiece(byte[] Bytes, float Score, PieceType Type = PieceType.Normal)
{
    /// <summary>Creates a piece from its text.</summary>
    public ModelPiece(string text, float score, PieceType type = PieceType.Normal)
        : this(Encoding.UTF8.GetBytes(text), score, type)
    {
    }

    /// <summary>Its text.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes);
}

/// <summary>What a piece is, by the numbers of the file format.</summary>
public enum PieceType
{
    /// <summary>A part of text.</summary>
    Normal = 1,

    /// <summary>What stands for text the vocabulary does not have; there is exactly one.</summary>
    Unknown = 2,

    /// <summary>A mark such as the end of a sentence: never found in text, decoded to nothing.</summary>
    Control = 3,

    /// <summary>A part of text that is always kept whole and never normalized.</summary>
    UserDefined = 4,

    /// <summary>A normal piece that is not used.</summary>
    Unused = 5,

    /// <summary>A byte of a character the vocabulary does not have.</summary>
    Byte = 6,
}
