using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Tokenization;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Splitting;
using Xunit;

namespace Athanor.Tests.Tokenization.Splitting;

// What is expected here is what Hugging Face tokenizers 0.23.2 gives
public sealed class PreTokenizerTests
{
    [Theory]
    [InlineData("Removed", "the|final|countdown")]
    [InlineData("Isolated", "the|-|final|-|-|countdown")]
    [InlineData("MergedWithPrevious", "the-|final-|-|countdown")]
    [InlineData("MergedWithNext", "the|-final|-|-countdown")]
    [InlineData("Contiguous", "the|-|final|--|countdown")]
    public void Separators_go_where_the_behavior_says(string behavior, string expected) =>
        Assert.Equal(expected, Words(new SplitPreTokenizer(TextPattern.OfString("-"), Enum.Parse<SplitBehavior>(behavior)), "the-final--countdown"));

    [Theory]
    [InlineData("Removed", "the|final|countdown")]
    [InlineData("MergedWithPrevious", "the-|final--|countdown")]
    public void An_inverted_pattern_finds_the_words(string behavior, string expected) =>
        Assert.Equal(expected, Words(new SplitPreTokenizer(TextPattern.OfExpression("[a-z]+"), Enum.Parse<SplitBehavior>(behavior), Invert: true), "the-final--countdown"));

    [Fact]
    public void An_empty_string_separates_all_characters() =>
        Assert.Equal("a|😀|b", Words(new SplitPreTokenizer(TextPattern.OfString(""), SplitBehavior.Isolated), "a😀b"));

    [Fact]
    public void Bert_cuts_at_spaces_and_punctuation() => Assert.Equal("don|'|t|$|1|日本|。|a", Words(new BertPreTokenizer(), "don't $1\u3000日本。\na"));

    [Fact]
    public void Words_and_symbols_are_runs() => Assert.Equal("don|'|t|!!|a_1|é", Words(new WhitespacePreTokenizer(), "don't !! a_1 é\u00A0"));

    [Fact]
    public void Digits_of_all_scripts_are_set_apart()
    {
        Assert.Equal("a|12½٣|b", Words(new DigitsPreTokenizer(), "a12½٣b"));
        Assert.Equal("a|1|2|½|٣|b", Words(new DigitsPreTokenizer(Individual: true), "a12½٣b"));
    }

    [Fact]
    public void Words_of_fixed_length_count_code_points()
    {
        Assert.Equal("ab😀|cd", Words(new FixedLengthPreTokenizer(3), "ab😀cd"));
        Assert.Throws<AthanorException>(() => new FixedLengthPreTokenizer(0));
    }

    [Fact]
    public void A_delimiter_goes() => Assert.Equal("a|b", Words(new CharDelimiterSplitPreTokenizer(new Rune(0x1F600)), "😀a😀😀b"));

    [Fact]
    public void Scripts_are_cut_apart_and_what_has_none_before_the_first_goes() =>
        Assert.Equal("どこで生れ|。 |Yes ", Words(new UnicodeScriptsPreTokenizer(), "  どこで生れ。 Yes "));

    [Theory]
    [InlineData("Always", true, "▁Hey|▁friend!|▁|▁b")]
    [InlineData("Never", true, "Hey|▁friend!|▁|▁b")]
    [InlineData("First", false, "▁Hey▁friend!▁▁b")]
    public void A_mark_stands_for_a_space(string scheme, bool split, string expected) =>
        Assert.Equal(expected, Words(new MetaspacePreTokenizer(new Rune('▁'), Enum.Parse<PrependScheme>(scheme), split), "Hey friend!  b"));

    [Fact]
    public void Only_the_part_at_the_beginning_is_first() =>
        Assert.Equal("▁a|-|b", Words(new PreTokenizerSequence([new PunctuationPreTokenizer(), new MetaspacePreTokenizer(new Rune('▁'), PrependScheme.First)]), "a-b"));

    [Fact]
    public void Byte_letters_stand_for_words_cut_as_GPT_2_does()
    {
        Assert.Equal("ĠHello|Ġmy|Ġ|Ġfriend|,|Ġ'|sÃ©", Words(new ByteLevelPreTokenizer(), "Hello my  friend, 'sé"));
        Assert.Equal("aĠb", Words(new ByteLevelPreTokenizer(AddPrefixSpace: false, UseExpression: false), "a b"));
    }

    [Fact]
    public void Parts_cover_the_text_in_order()
    {
        IPreTokenizer[] all =
        [
            new ByteLevelPreTokenizer(AddPrefixSpace: false), new DigitsPreTokenizer(), new FixedLengthPreTokenizer(2), new PunctuationPreTokenizer(SplitBehavior.MergedWithNext),
            new MetaspacePreTokenizer(new Rune('▁'), PrependScheme.Never), new SplitPreTokenizer(TextPattern.OfExpression(@"\s+|\p{N}"), SplitBehavior.Contiguous),
            new SplitPreTokenizer(TextPattern.OfExpression(@"\b"), SplitBehavior.Isolated), new PunctuationPreTokenizer(SplitBehavior.MergedWithPrevious),
        ];
        for (int round = 0; round < 800; round++)
        {
            RandomStream random = new RandomStreams(15).Open("pre-tokenizers", round);
            string original = RandomText.Make(random);
            PreTokenizedText text = new(NormalizedText.From(original));
            for (int left = random.NextInt32(1, 4); left > 0; left--)
            {
                all[random.NextInt32(all.Length)].PreTokenize(text);
            }

            // Nothing is removed here, so each part begins where the one before it ended, in the middle of no character
            int end = 0;
            foreach (TextPart part in text.Parts)
            {
                Offsets place = part.Text.OriginalOf(0, part.Text.Length);
                Assert.True(place.Start == end || part.Text.Original.Start < end, $"{original}: {place} after {end}");
                end = place.End;
            }

            Assert.Equal(original.Length, end);
        }
    }

    private static string Words(IPreTokenizer preTokenizer, string text)
    {
        PreTokenizedText parts = new(NormalizedText.From(text));
        preTokenizer.PreTokenize(parts);
        return string.Join('|', parts.Parts.Select(part => part.Text.ToString()));
    }
}
