using System.Text;
using Athanor.Core.Randomness;
using Athanor.Tokenization;
using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Splitting;
using Athanor.Tokenization.Unigrams;
using Xunit;

namespace Athanor.Tests.Tokenization.Normalizers;

// What is expected here is what Hugging Face tokenizers 0.23.2 gives
public sealed class NormalizerTests
{
    private static readonly PrecompiledMap Map = PrecompiledMap.Build([new("e\u0301", "E"), new("é", "e"), new("\u200B", ""), new("½", "1/2"), new("ﬁ", "fi")]);

    private static readonly INormalizer[] All =
    [
        new UnicodeNormalizer(NormalizationForm.FormC), new UnicodeNormalizer(NormalizationForm.FormD), new UnicodeNormalizer(NormalizationForm.FormKC), new UnicodeNormalizer(NormalizationForm.FormKD),
        new LowercaseNormalizer(), new StripNormalizer(), new StripNormalizer(Left: false), new StripAccentsNormalizer(), new NmtNormalizer(), new BertNormalizer(), new BertNormalizer(StripAccents: false),
        new ByteLevelNormalizer(), new PrependNormalizer("▁"), new ReplaceNormalizer(TextPattern.OfString(" "), "▁"), new ReplaceNormalizer(TextPattern.OfString("e"), ""),
        new ReplaceNormalizer(TextPattern.OfExpression(@"\s+"), " "), new ReplaceNormalizer(TextPattern.OfExpression("^"), "▁"), new PrecompiledNormalizer(Map),
    ];

    [Theory]
    [InlineData(NormalizationForm.FormC, "e\u0301 o\u0308\u0304 \u1112\u1161\u11AB \u212B", "é ȫ 한 Å")]
    [InlineData(NormalizationForm.FormD, "é ȫ 한 \u0344 각", "e\u0301 o\u0308\u0304 \u1112\u1161\u11AB \u0308\u0301 \u1100\u1161\u11A8")]
    [InlineData(NormalizationForm.FormKC, "ﬁ ① ｶﾞ ½ ﷺ", "fi 1 ガ 1⁄2 صلى الله عليه وسلم")]
    [InlineData(NormalizationForm.FormKD, "㎏ ẛ̣ 𝐀", "kg s\u0323\u0307 A")]
    [InlineData(NormalizationForm.FormD, "a\u0301\u0323\u0334", "a\u0334\u0323\u0301")]
    [InlineData(NormalizationForm.FormC, "\u0958 \U0001D15E", "\u0915\u093C \U0001D157\U0001D165")]
    [InlineData(NormalizationForm.FormKC, "\u32FF \U0001F16C", "\u32FF \U0001F16C")]
    public void Normal_forms_are_those_of_Unicode_9(NormalizationForm form, string text, string expected) =>
        Assert.Equal(expected, new UnicodeNormalizer(form).Normalize(NormalizedText.From(text)).ToString());

    [Fact]
    public void A_composed_character_stands_for_the_first_of_those_it_was() =>
        Assert.Equal(["é:0-1", "x:2-3"], Origins(new UnicodeNormalizer(NormalizationForm.FormC), "e\u0301x"));

    [Fact]
    public void The_parts_of_a_decomposed_character_stand_for_it() =>
        Assert.Equal(["e:0-1", "\u0301:0-1", "x:1-2"], Origins(new UnicodeNormalizer(NormalizationForm.FormD), "éx"));

    [Fact]
    public void What_is_left_out_belongs_to_nothing() => Assert.Equal(["a:1-2", "b:3-4"], Origins(new StripAccentsNormalizer(), "\u0301a\u0301b\u0301"));

    [Fact]
    public void Lower_case_is_that_of_each_character_alone() =>
        Assert.Equal(["i:0-1", "\u0307:0-1", "σ:1-2", "ß:2-3"], Origins(new LowercaseNormalizer(), "İΣẞ"));

    [Fact]
    public void Bert_sets_ideographs_apart_cleans_and_strips() =>
        Assert.Equal(["a:0-1", " :1-2", "日:1-2", " :1-2", " :3-4", "e:4-5"], Origins(new BertNormalizer(), "A日\0\u3000É"));

    [Fact]
    public void A_prefix_stands_for_the_first_character() => Assert.Equal(["▁:0-2", "x:0-2", "😀:0-2", "a:2-3"], Origins(new PrependNormalizer("▁x"), "😀a"));

    [Fact]
    public void Nothing_is_put_before_nothing() => Assert.Equal("", new PrependNormalizer("▁").Normalize(NormalizedText.From("")).ToString());

    [Fact]
    public void A_replacement_stands_for_the_end_of_what_it_replaces() =>
        Assert.Equal(["a:0-1", "<:4-5", ">:4-5", "b:5-6"], Origins(new ReplaceNormalizer(TextPattern.OfExpression(@"\s+"), "<>"), "a \t \nb"));

    [Fact]
    public void Bytes_stand_for_their_character() => Assert.Equal(["Ã:0-1", "©:0-1", "Ġ:1-2"], Origins(new ByteLevelNormalizer(), "é "));

    [Fact]
    public void A_map_replaces_whole_graphemes_and_what_it_removes_goes_with_the_character_before() =>
        Assert.Equal(["E:0-1", "x:2-3", "1:4-5", "/:4-5", "2:4-5"], Origins(new PrecompiledNormalizer(Map), "e\u0301x\u200B½"));

    [Fact]
    public void Unpaired_surrogates_become_replacement_characters() => Assert.Equal("a\uFFFDb\uFFFD\uFFFD😀", NormalizedText.From("a\uD800b\uDC00\uD83D😀").ToString());

    [Fact]
    public void A_special_token_that_normalizing_rewrites_stays_in_decoded_text()
    {
        AddedVocabulary added = new([new AddedToken("<MASK>", Special: true, Normalized: true), new AddedToken("<s>", Special: true, Normalized: true)], null, new LowercaseNormalizer());
        Assert.False(added.IsLeftOut(0));
        Assert.True(added.IsLeftOut(1));
        Assert.False(added.IsLeftOut(2));
    }

    [Fact]
    public void Origins_rise_and_stay_within_the_original()
    {
        for (int round = 0; round < 1500; round++)
        {
            RandomStream random = new RandomStreams(11).Open("normalizers", round);
            string original = RandomText.Make(random);
            NormalizedText text = NormalizedText.From(original);
            for (int left = random.NextInt32(4); left > 0; left--)
            {
                text = All[random.NextInt32(All.Length)].Normalize(text);
            }

            Offsets before = new(0, 0);
            for (int unit = 0; unit < text.Length; unit++)
            {
                Offsets origin = text.OriginOf(unit);
                Assert.InRange(origin.Start, before.Start, original.Length);
                Assert.InRange(origin.End, Math.Max(before.End, origin.Start), original.Length);
                Assert.Equal(char.IsLowSurrogate(text.Span[unit]), unit > 0 && char.IsHighSurrogate(text.Span[unit - 1]));
                before = origin;
            }

            // A part has the origins that it has in the whole
            int cut = text.Length == 0 ? 0 : random.NextInt32(text.Length);
            cut += cut < text.Length && char.IsLowSurrogate(text.Span[cut]) ? 1 : 0;
            NormalizedText part = text.Slice(cut, text.Length - cut);
            Assert.All(Enumerable.Range(0, part.Length), unit => Assert.Equal(text.OriginOf(cut + unit), part.OriginOf(unit)));
        }
    }

    [Fact]
    public void Normal_forms_are_stable_and_agree_with_each_other()
    {
        string Form(NormalizationForm form, string text) => new UnicodeNormalizer(form).Normalize(NormalizedText.From(text)).ToString();
        for (int round = 0; round < 1000; round++)
        {
            string text = RandomText.Make(new RandomStreams(12).Open("forms", round));
            string composed = Form(NormalizationForm.FormC, text), decomposed = Form(NormalizationForm.FormD, text);
            Assert.Equal(composed, Form(NormalizationForm.FormC, composed));
            Assert.Equal(decomposed, Form(NormalizationForm.FormD, decomposed));
            Assert.Equal(composed, Form(NormalizationForm.FormC, decomposed));
            Assert.Equal(decomposed, Form(NormalizationForm.FormD, composed));
            Assert.Equal(Form(NormalizationForm.FormKC, text), Form(NormalizationForm.FormKC, Form(NormalizationForm.FormKD, text)));
        }
    }

    private static IEnumerable<string> Origins(INormalizer normalizer, string text)
    {
        NormalizedText normalized = normalizer.Normalize(NormalizedText.From(text));
        int at = 0;
        foreach (Rune character in normalized.ToString().EnumerateRunes())
        {
            Offsets origin = normalized.OriginOf(at);
            yield return $"{character}:{origin.Start}-{origin.End}";
            at += character.Utf16SequenceLength;
        }
    }
}
