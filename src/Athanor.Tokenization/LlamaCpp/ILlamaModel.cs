using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>One of llama.cpp's ways to write a text in the tokens of a vocabulary. Immutable, used by many threads at once.</summary>
internal interface ILlamaModel
{
    /// <summary>Appends the pieces of a stretch of text between special tokens.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="start">What is added to the places of the pieces: where the stretch begins.</param>
    /// <param name="pieces">Where they go.</param>
    void Encode(ReadOnlySpan<byte> text, int start, List<Piece> pieces);

    /// <summary>Appends the ids of those pieces.</summary>
    void EncodeIds(ReadOnlySpan<byte> text, List<int> ids)
    {
        using ScratchPieces scratch = new();
        Encode(text, 0, scratch.Pieces);
        scratch.AppendIds(ids);
    }
}
