using System.Text;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting;

/// <summary>Cuts at white space, which goes.</summary>
internal sealed record WhitespaceSplitPreTokenizer : IWordCutter
{
    /// <inheritdoc/>
    public bool NextWord(ReadOnlySpan<char> text, ref int at, out int start)
    {
        CodePointSet spaces = CharacterProperties.WhiteSpace;
        start = at;
        while (at < text.Length)
        {
            Rune.DecodeFromUtf16(text[at..], out Rune character, out int width);
            if (!spaces.Contains(character.Value))
            {
                at += width;
                continue;
            }

            if (at > start)
            {
                return true;
            }

            at += width;
            start = at;
        }

        return at > start;
    }
}
