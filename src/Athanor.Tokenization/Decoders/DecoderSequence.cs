using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Decoders;

/// <summary>Several decoders, each working on what the one before it left.</summary>
/// <param name="Decoders">The decoders in order.</param>
internal sealed record DecoderSequence(IReadOnlyList<IDecoder> Decoders) : IDecoder
{
    /// <inheritdoc/>
    public void Decode(List<string> tokens)
    {
        foreach (IDecoder decoder in Decoders)
        {
            decoder.Decode(tokens);
        }
    }
}
