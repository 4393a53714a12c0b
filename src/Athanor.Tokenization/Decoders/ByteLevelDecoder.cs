using System.Text;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Decoders;

/// <summary>
/// Turns the letters that stand for bytes (<see cref="ByteAlphabet"/>) back into those bytes and reads them all together as UTF-8, U+FFFD for each
/// maximal part that is none. A token with a character that stands for no byte counts as text.
/// </summary>
/// <param name="AddPrefixSpace">Kept for the file; decoding does not look at it.</param>
/// <param name="TrimOffsets">Kept for the file.</param>
/// <param name="UseExpression">Kept for the file.</param>
internal sealed record ByteLevelDecoder(bool AddPrefixSpace = true, bool TrimOffsets = true, bool UseExpression = true) : IDecoder
{
    /// <inheritdoc/>
    public void Decode(List<string> tokens)
    {
        List<byte> bytes = new(tokens.Count * 4);
        foreach (string token in tokens)
        {
            bytes.AddRange(ByteAlphabet.Read(token) ?? Encoding.UTF8.GetBytes(token));
        }

        tokens.Clear();
        tokens.Add(Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes)));
    }
}
