using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Normalizers;

/// <summary>The cleaning of SentencePiece's <c>nmt</c> rules: control characters go, separators and marks without width become spaces.</summary>
internal sealed record NmtNormalizer : INormalizer
{
    private static readonly Func<int, int> Cleaning = code => code switch
    {
        (>= 0x1 and <= 0x8) or 0xB or (>= 0xE and <= 0x1F) or 0x7F or 0x8F or 0x9F => CharacterFilter.Removed,
        0x9 or 0xA or 0xC or 0xD or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD => ' ',
        _ => code,
    };

    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text) => CharacterFilter.Rewrite(text, Cleaning);

    /// <inheritdoc/>
    public void Rewrite(PlainText text) => CharacterFilter.Rewrite(text, Cleaning);
}
