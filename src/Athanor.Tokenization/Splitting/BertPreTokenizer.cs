using System.Text;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting;

/// <summary>Cuts at white space, which goes, and makes each punctuation character a word (Devlin et al. 2019).</summary>
internal sealed record BertPreTokenizer : IWordCutter
{
    /// <inheritdoc/>
    public bool NextWord(ReadOnlySpan<char> text, ref int at, out int start)
    {
        CodePointSet spaces = CharacterProperties.WhiteSpace, punctuation = CharacterProperties.BertPunctuation;
        start = at;
        while (at < text.Length)
        {
            Rune.DecodeFromUtf16(text[at..], out Rune character, out int width);
            bool space = spaces.Contains(character.Value);
            if (space || punctuation.Contains(character.Value))
            {
                if (at > start)
                {
                    return true;
                }

                at += width;
                if (!space)
                {
                    return true;
                }

                start = at;
                continue;
            }

            at += width;
        }

        return at > start;
    }
}
