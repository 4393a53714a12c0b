using System.Text;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting;

/// <summary>Cuts into runs of word characters and runs of others; white space goes. It is what <c>\w+|[^\w\s]+</c> finds.</summary>
internal sealed record WhitespacePreTokenizer : IWordCutter
{
    /// <inheritdoc/>
    public bool NextWord(ReadOnlySpan<char> text, ref int at, out int start)
    {
        CodePointSet words = CharacterProperties.WordWithJoiners, spaces = CharacterProperties.WhiteSpace;
        start = at;
        bool? word = null;
        while (at < text.Length)
        {
            Rune.DecodeFromUtf16(text[at..], out Rune character, out int width);
            bool isWord = words.Contains(character.Value);
            if (!isWord && spaces.Contains(character.Value))
            {
                if (word is not null)
                {
                    return true;
                }

                at += width;
                start = at;
                continue;
            }

            if (word is not null && word != isWord)
            {
                return true;
            }

            word = isWord;
            at += width;
        }

        return word is not null;
    }
}
