using System.Text;
using Athanor.Tokenization.Unicode;
using Xunit;

namespace Athanor.Tests.Tokenization.Unicode;

public sealed class CharacterPropertiesTests
{
    // How many code points have a property in Unicode 16.0 (surrogates aside)
    [Theory]
    [InlineData("Assigned", 292_531)]
    [InlineData("L", 141_028)]
    [InlineData("Ll", 2_258)]
    [InlineData("M", 2_501)]
    [InlineData("N", 1_911)]
    [InlineData("P", 855)]
    [InlineData("S", 8_514)]
    [InlineData("Alphabetic", 142_759)]
    [InlineData("White_Space", 25)]
    [InlineData("Extended_Pictographic", 3_537)]
    [InlineData("script han", 0)]
    [InlineData("Han", 99_030)]
    [InlineData("Hani", 99_030)]
    [InlineData("Common", 9_053)]
    [InlineData("word", 144_665)]
    public void Properties_are_those_of_Unicode_16(string name, int count)
    {
        bool known = CharacterProperties.TryGet(name, out CodePointSet set);
        Assert.Equal(count > 0, known);
        Assert.Equal(count, set.Ranges.Sum(range => range.Last - range.First + 1 - Surrogates(range.First, range.Last)));
    }

    [Fact]
    public void Parts_made_for_older_versions_know_older_characters()
    {
        Assert.Equal(2_097, CharacterProperties.CombiningMarks.Ranges.Sum(range => range.Last - range.First + 1));
        Assert.True(CharacterProperties.BertPunctuation.Contains(0x166D));
        Assert.False(CharacterProperties.BertPunctuation.Contains(0x2E43));
        Assert.False(CharacterProperties.BertNonspacingMarks.Contains(0x8D4));
    }

    [Fact]
    public void Sets_combine_as_sets_do()
    {
        CodePointSet some = CodePointSet.OfRanges([('a', 'f'), ('x', 'z'), (0x1F600, 0x1F610)]), other = CodePointSet.OfRanges([('d', 'y'), (0x1F605, 0x10FFFF)]);
        foreach (int code in (int[])['a', 'c', 'd', 'f', 'g', 'x', 'y', 'z', 0x1F5FF, 0x1F600, 0x1F605, 0x1F610, 0x1F611, 0x10FFFF])
        {
            Assert.Equal(some.Contains(code) || other.Contains(code), some.Union(other).Contains(code));
            Assert.Equal(some.Contains(code) && other.Contains(code), some.Intersect(other).Contains(code));
            Assert.Equal(some.Contains(code) && !other.Contains(code), some.Except(other).Contains(code));
            Assert.NotEqual(some.Contains(code), some.Complement().Contains(code));
        }
    }

    [Theory]
    [InlineData("A", "a")]
    [InlineData("Σ", "σ")]
    [InlineData("Ꭰ", "ꭰ")]
    [InlineData("Ა", "ა")]
    [InlineData("\uA7CE", "\uA7CF")]
    [InlineData("\U00016EA0", "\U00016EBB")]
    public void Lower_case_is_that_of_Unicode_17(string upper, string lower)
    {
        Assert.Equal(Rune.GetRuneAt(lower, 0).Value, CaseFolding.ToLower(Rune.GetRuneAt(upper, 0).Value, out int second));
        Assert.Equal(-1, second);
    }

    private static int Surrogates(int first, int last) => Math.Max(0, Math.Min(last, 0xDFFF) - Math.Max(first, 0xD800) + 1);
}
