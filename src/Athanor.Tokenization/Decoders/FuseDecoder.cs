using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Decoders;

/// <summary>Joins all tokens into one, so that what follows sees the text as a whole.</summary>
internal sealed record FuseDecoder : IDecoder
{
    /// <inheritdoc/>
    public void Decode(List<string> tokens)
    {
        string text = string.Concat(tokens);
        tokens.Clear();
        tokens.Add(text);
    }
}
