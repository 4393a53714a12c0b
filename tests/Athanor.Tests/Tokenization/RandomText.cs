using System.Text;
using Athanor.Core.Randomness;

namespace Athanor.Tests.Tokenization;

/// <summary>Texts of characters that break normalizers and splitters.</summary>
internal static class RandomText
{
    private static readonly string[] Pieces =
    [
        "a", "b", "e", "A", "É", "é", "e\u0301", "\u0301", "\u0323", "ﬁ", "ﷺ", "日", "😀", " ", " ", "\t", "\n", "\r\n", "한", "\u1112\u1161\u11AB", "İ", "ß", "ё", "\u200D", "\0", "\uFFFD",
        "Å", "ｶﾞ", "①", "½", "\u00A0", "\u3000", "क\u093C", "ǖ", "\u200B", "o\u0308\u0304", "\U0001D15E", "\u0344", "'s", ".", "-", "12", "▁",
    ];

    public static string Make(RandomStream random)
    {
        StringBuilder text = new();
        for (int left = random.NextInt32(14); left > 0; left--)
        {
            text.Append(Pieces[random.NextInt32(Pieces.Length)]);
        }

        return text.ToString();
    }
}
