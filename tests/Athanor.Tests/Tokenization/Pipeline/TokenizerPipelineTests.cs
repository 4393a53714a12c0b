using System.Text;
using Athanor.Core.Randomness;
using Athanor.Tokenization;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Pipeline;
using FsCheck;
using FsCheck.Fluent;
using Xunit;
using Tokenizer = Athanor.Tokenization.Tokenizer;

namespace Athanor.Tests.Tokenization.Pipeline;

public sealed class TokenizerPipelineTests
{
    private static readonly string[] Texts = [.. TokenizerFixture.HardStrings, "a\uD800b", "<s> yesterday Yesterdays <mask>  x", "the token𝐀ing <unk>é🙂"];

    [Fact]
    public void Places_lie_in_the_text_and_mean_the_same_in_code_points_and_in_utf16()
    {
        foreach (TokenizerPipeline pipeline in Pipelines.All)
        {
            TokenizerPipeline whole = pipeline with { Truncation = null, Padding = null };
            Prop.ForAll(ArbMap.Default.ArbFor<string>(), text => text is null || AreSound(whole, text)).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
            Assert.All(Texts, text => Assert.True(AreSound(whole, text), text));
        }
    }

    [Fact]
    public void The_short_way_to_ids_gives_what_the_parts_give()
    {
        TokenizerPipeline[] quick = [.. Pipelines.All.Select(pipeline => new Tokenizer(pipeline).Pipeline).Where(pipeline => pipeline.FastEncoder is not null)];
        Assert.NotEmpty(quick);
        foreach (TokenizerPipeline pipeline in quick)
        {
            TokenizerPipeline slow = pipeline with { FastEncoder = null };
            Prop.ForAll(ArbMap.Default.ArbFor<string>(), text => text is null || Ids(pipeline, text).SequenceEqual(Ids(slow, text))).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
            Assert.All(Texts, text => Assert.Equal(Ids(slow, text), Ids(pipeline, text)));
        }
    }

    [Fact]
    public void Streaming_gives_what_decoding_at_once_gives_whatever_the_decoder()
    {
        foreach (TokenizerPipeline pipeline in Pipelines.All)
        {
            Tokenizer tokenizer = new(pipeline);
            for (int index = 0; index < 40; index++)
            {
                // Runs of bytes are whole characters here: of broken ones a stream shows what it can before the run ends
                RandomStream random = new RandomStreams(3).Open("stream", index);
                string text = string.Concat(Enumerable.Range(0, 60).Select(_ => Texts[random.NextInt32(Texts.Length)]));
                int[] ids = tokenizer.EncodeWithSpecialTokens(text);
                bool skip = index % 2 == 0;
                StreamingDecoder decoder = tokenizer.OpenDecoder(skip);
                string streamed = string.Concat(ids.Select(decoder.Append)) + decoder.Flush();
                Assert.Equal(tokenizer.Decode(ids, skip), streamed);
            }
        }
    }

    [Fact]
    public void Unknown_characters_are_one_token_their_bytes_or_nothing()
    {
        Assert.Equal(["abc", "<unk>", "<unk>", "a"], Tokens(new BytePairOptions("<unk>"), "abcxya"));
        Assert.Equal(["abc", "<unk>", "a"], Tokens(new BytePairOptions("<unk>", FuseUnknown: true), "abcxya"));
        Assert.Equal(["abc", "a"], Tokens(new BytePairOptions(), "abcxya"));
        Assert.Equal(["<0xF0>", "<0x9F>", "<0x99>", "<0x82>", "a"], Tokens(new BytePairOptions("<unk>", ByteFallback: true), "🙂a"));
        Assert.Equal(["abc"], Tokens(new BytePairOptions("<unk>", IgnoreMerges: true), "abc"));
        Assert.Throws<EncodingException>(() => Tokens(new BytePairOptions("<none>"), "x"));
    }

    [Fact]
    public void A_merge_is_left_out_with_the_probability_that_is_asked_for()
    {
        BytePairTokenModel model = Pipelines.BytePairs(new BytePairOptions());
        int merged = 0;
        const int draws = 4000;
        for (int index = 0; index < draws; index++)
        {
            List<Piece> pieces = [];
            model.Sample("ab", 0.3, new RandomStreams(1).Open("dropout", index), pieces);
            merged += pieces.Count == 1 ? 1 : 0;
        }

        // Five standard deviations
        Assert.InRange(merged / (double)draws, 0.7 - 0.037, 0.7 + 0.037);
        List<Piece> none = [];
        model.Sample("abcab", 1, new RandomStreams(1).Open("all", 0), none);
        Assert.Equal(5, none.Count);
        List<Piece> all = [];
        model.Sample("abcab", 0, new RandomStreams(1).Open("none", 0), all);
        Assert.Equal(["abc", "ab"], all.Select(piece => model.TokenOf(piece.Id)));
    }

    [Fact]
    public void What_truncation_cuts_off_is_kept_in_pieces_that_share_tokens()
    {
        // The words beyond the one that fills the length are not looked at, as in Hugging Face tokenizers: a word of many tokens shows the pieces
        TokenizerPipeline pipeline = new() { Model = Pipelines.BytePairs(new BytePairOptions()), Truncation = new Truncation(4, 1) };
        EncodedText encoding = pipeline.Encode("cccccccccc", null, addSpecialTokens: false);
        EncodedText[] pieces = [encoding, .. encoding.Overflowing];
        Assert.Equal([(0, 4), (3, 7), (6, 10)], pieces.Select(piece => (piece.Offsets[0].Start, piece.Offsets[^1].End)));

        EncodedText left = (pipeline with { Truncation = new Truncation(4, 1, Left: true) }).Encode("cccccccccc", null, addSpecialTokens: false);
        Assert.Equal([(6, 10), (3, 7), (0, 4)], ((EncodedText[])[left, .. left.Overflowing]).Select(piece => (piece.Offsets[0].Start, piece.Offsets[^1].End)));
        Assert.Throws<EncodingException>(() => (pipeline with { Truncation = new Truncation(4, 4) }).Encode("cccccccccc", null, addSpecialTokens: false));
    }

    [Theory]
    [InlineData("LongestFirst", 2, 3)]
    [InlineData("OnlyFirst", 1, 4)]
    [InlineData("OnlySecond", 4, 1)]
    public void The_text_that_gives_way_is_the_one_that_was_named(string strategy, int first, int second)
    {
        TokenizerPipeline pipeline = Pipelines.Words(new Truncation(5, 0, Enum.Parse<TruncationStrategy>(strategy)));
        EncodedText encoding = pipeline.Encode("a b c d", "e f g h", addSpecialTokens: false);
        Assert.Equal(first, encoding.SequenceIds.Count(sequence => sequence == 0));
        Assert.Equal(second, encoding.SequenceIds.Count(sequence => sequence == 1));
    }

    [Fact]
    public void A_batch_is_in_order_and_padded_to_its_longest_text()
    {
        Tokenizer tokenizer = new(Pipelines.Words(null, new Padding(null, 4, Left: true, Id: 8, TypeId: 1, Token: "h")));
        IReadOnlyList<EncodedText> batch = tokenizer.EncodeBatch(["a b c d e", "f", ""]);
        Assert.All(batch, encoding => Assert.Equal(8, encoding.Count));
        Assert.Equal([8, 8, 8, 1, 2, 3, 4, 5], batch[0].Ids);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 1], batch[1].AttentionMask);
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 0], batch[1].SpecialTokensMask);
        Assert.Equal([null, null, null, null, null, null, null, 0], batch[1].WordIds);
    }

    [Fact]
    public void A_template_says_what_stands_around_a_text_and_between_two()
    {
        EncodedText encoding = Pipelines.WordPieces().Encode("the token", "to", addSpecialTokens: true);
        Assert.Equal(["[CLS]", "the", "to", "##ken", "[SEP]", "to", "[SEP]"], encoding.Tokens);
        Assert.Equal([0, 0, 0, 0, 0, 1, 1], encoding.TypeIds);
        Assert.Equal([1, 0, 0, 0, 1, 0, 1], encoding.SpecialTokensMask);
        Assert.Equal([null, 0, 0, 0, null, 1, null], encoding.SequenceIds);
        Assert.Equal([null, 0, 1, 1, null, 0, null], encoding.WordIds);
        Assert.Equal(new Offsets(6, 9), encoding.Offsets[3]);
    }

    [Fact]
    public void White_space_is_left_out_of_the_places_of_byte_level_tokens_where_asked()
    {
        EncodedText encoding = Pipelines.Bytes().Encode("the  𝐀 value", null, addSpecialTokens: false);
        string text = "the  𝐀 value";
        Assert.All(encoding.Offsets.Where(place => place.Length > 1), place => Assert.False(char.IsWhiteSpace(text[place.Start]) || char.IsWhiteSpace(text[place.End - 1])));
        Assert.Equal(text.EnumerateRunes().Count(), encoding.CodePointOffsets[^1].End);
    }

    private static string[] Tokens(BytePairOptions options, string text) =>
        [.. new TokenizerPipeline { Model = Pipelines.BytePairs(options) }.Tokenize(text, withSpecial: false).Tokens];

    private static List<int> Ids(TokenizerPipeline pipeline, string text)
    {
        List<int> ids = [];
        pipeline.EncodeIds(text, withSpecial: true, ids);
        return ids;
    }

    private static bool AreSound(TokenizerPipeline pipeline, string text)
    {
        EncodedText encoding = pipeline.Encode(text, null, addSpecialTokens: true);
        int[] units = [.. Places(text)];
        for (int at = 0; at < encoding.Count; at++)
        {
            (int start, int end) = encoding.Offsets[at];
            (int first, int last) = encoding.CodePointOffsets[at];
            if (start < 0 || start > end || end > text.Length || units[first] != start || units[last] != end)
            {
                return false;
            }
        }

        List<int> ids = Ids(pipeline, text);
        return encoding.Units.Where(unit => !unit.Special).Select(unit => unit.Id).SequenceEqual(ids);
    }

    /// <summary>The UTF-16 unit that each code point of a text begins at, and its end.</summary>
    private static IEnumerable<int> Places(string text)
    {
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            yield return at;
            at += rune.Utf16SequenceLength;
        }

        yield return at;
    }
}
