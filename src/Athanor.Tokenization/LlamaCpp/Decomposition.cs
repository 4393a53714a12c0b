using System.Text;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.LlamaCpp;

/// <summary>The first code point of a character's canonical decomposition, which is all that llama.cpp keeps of it.</summary>
internal static class Decomposition
{
    private static readonly Lazy<Dictionary<int, int>> Firsts = new(Build);

    public static int First(int codePoint) => codePoint < 0xC0 ? codePoint
        : codePoint is >= 0xAC00 and <= 0xD7A3 ? 0x1100 + ((codePoint - 0xAC00) / 588)
        : Firsts.Value.GetValueOrDefault(codePoint, codePoint);

    private static Dictionary<int, int> Build()
    {
        // Since the version of those tables one more
        Dictionary<int, int> firsts = new() { [0x11938] = 0x11935 };
        PlainText decomposed = new();
        foreach ((int code, _, _) in CharacterDatabase.Mappings("9.0 canonical"))
        {
            Normalization.Normalize(new Rune(code).ToString(), compatibility: false, composed: false, decomposed);
            decomposed.Take();
            firsts[code] = Rune.GetRuneAt(decomposed.Span.ToString(), 0).Value;
        }

        return firsts;
    }
}
