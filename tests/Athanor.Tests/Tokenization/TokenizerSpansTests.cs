using System.Text;
using Athanor.Core.Randomness;
using Athanor.Tokenization;
using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.Splitting;
using Xunit;

namespace Athanor.Tests.Tokenization;

public sealed class TokenizerSpansTests
{
    private static readonly string[] Pieces =
    [
        "a", "the", " of", "Don't", "'", "'s", "'L", "L", "ll", "é", "中文", "の", " ", "  ", "\t", "\n", "\r\n", "\u3000", ".", "。", "...", "/", "1", "12345", "٣", "\u0301", "Ж", "ж", "ǅ", "🙂", "𝐀", "\uD83D", "\uDE42",
        "<|end|>",
    ];

    public static TheoryData<string> Expressions =>
        [Gpt2Pattern.Expression, Cl100kPattern.Expression, Qwen2Pattern.Expression, O200kPattern.Expression, AthanorPattern.Expression];

    [Theory]
    [MemberData(nameof(Expressions))]
    public void A_text_that_grows_has_at_any_time_the_ids_of_the_whole(string expression)
    {
        Tokenizer tokenizer = With(expression);
        Assert.NotNull(tokenizer.Pipeline.FastEncoder?.Words);
        RandomStream random = new RandomStreams(21).Open("incremental");
        for (int round = 0; round < 300; round++)
        {
            IncrementalEncoding encoding = tokenizer.OpenIncremental();
            StringBuilder text = new();
            for (int step = 0; step < 12; step++)
            {
                string piece = RandomText(random, 4);
                encoding.Append(piece);
                text.Append(piece);
                if (random.NextInt32(3) > 0)
                {
                    Assert.Equal(tokenizer.Encode(text.ToString()), encoding.Ids);
                }
            }

            Assert.Equal(tokenizer.Encode(text.ToString()).Length, encoding.Count);
        }
    }

    [Fact]
    public void A_text_that_grows_may_hold_added_tokens()
    {
        Tokenizer tokenizer = new(TokenizerFixture.Tokenizer.Pipeline with { Added = new AddedVocabulary([new AddedToken("ab cd", Special: false)], TokenizerFixture.Tokenizer.Pipeline.Model, null), FastEncoder = null });
        IncrementalEncoding encoding = tokenizer.OpenIncremental();
        encoding.Append("x ab");
        Assert.Equal(tokenizer.Encode("x ab"), encoding.Ids);
        encoding.Append(" cd y");
        Assert.Equal(tokenizer.Encode("x ab cd y"), encoding.Ids);
        Assert.Contains(tokenizer.VocabularySize - 1, encoding.Ids.ToArray());
    }

    [Theory]
    [MemberData(nameof(Expressions))]
    public void Every_way_to_the_ids_gives_the_same(string expression)
    {
        Tokenizer tokenizer = With(expression);
        Tokenizer slow = new(tokenizer.Pipeline with { FastEncoder = new NoShortcut(tokenizer) });
        RandomStream random = new RandomStreams(22).Open("spans");
        for (int round = 0; round < 300; round++)
        {
            string text = RandomText(random, 20);
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            int[] expected = [.. tokenizer.EncodeText(text, addSpecialTokens: false).Ids];
            expected = text.Contains("<|end|>", StringComparison.Ordinal) ? tokenizer.Encode(text) : expected;
            List<int> ids = [];
            tokenizer.Encode(utf8, ids);
            Assert.Equal(expected, tokenizer.Encode(text));
            Assert.Equal(expected, ids);
            int[] room = new int[expected.Length];
            Assert.True(tokenizer.TryEncode(text, room, out int written) && written == expected.Length);
            Assert.Equal(expected, room);
            Assert.True(tokenizer.TryEncode(utf8, room, out _));
            Assert.False(expected.Length > 0 && tokenizer.TryEncode(text, room.AsSpan(1), out _));
            Assert.Equal(expected.Length, tokenizer.CountTokens(text));
            Assert.Equal(expected.Length, tokenizer.CountTokens(utf8));
            int most = 1 + random.NextInt32(expected.Length + 2);
            Assert.Equal(slow.GetIndexByTokenCount(text, most, out _, out int slowCount), tokenizer.GetIndexByTokenCount(text, most, out _, out int count));
            Assert.Equal(slowCount, count);
            Assert.Equal(slow.GetIndexByTokenCountFromEnd(text, most, out _, out slowCount), tokenizer.GetIndexByTokenCountFromEnd(text, most, out _, out count));
            Assert.Equal(slowCount, count);
            Assert.Equal(slow.CountTokens(utf8), tokenizer.CountTokens(utf8));
            int index = tokenizer.GetIndexByTokenCount(utf8, most, out count);
            Assert.Equal(slow.GetIndexByTokenCount(utf8, most, out slowCount), index);
            Assert.Equal(slowCount, count);
            Assert.Equal(slow.EncodeToIds(text, most, out _, out int slowConsumed), tokenizer.EncodeToIds(text, most, out _, out int consumed));
            Assert.Equal(slowConsumed, consumed);
        }
    }

    [Fact]
    public void A_word_longer_than_any_block_is_counted_and_cut()
    {
        Tokenizer tokenizer = TokenizerFixture.Tokenizer;
        string text = new('z', 100_000);
        int all = tokenizer.Encode(text).Length;
        Assert.Equal(all, tokenizer.CountTokens(text));
        int index = tokenizer.GetIndexByTokenCount(text, all - 5, out _, out int count);
        Assert.Equal(all - 5, count);
        Assert.Equal(tokenizer.Decode(tokenizer.Encode(text).AsSpan(0, count)).Length, index);
    }

    [Fact]
    public void Bytes_that_are_no_text_count_as_replacement_characters()
    {
        List<int> ids = [];
        byte[] broken = [(byte)'a', 0xFF, 0xE2, 0x82, (byte)'b'];
        TokenizerFixture.Tokenizer.Encode(broken, ids);
        Assert.Equal(TokenizerFixture.Tokenizer.Encode(Encoding.UTF8.GetString(broken)), ids);
        Assert.Equal(ids.Count, TokenizerFixture.Tokenizer.CountTokens(broken));
        Assert.Throws<ArgumentException>(() => TokenizerFixture.Tokenizer.GetIndexByTokenCount(broken, 2, out _));
    }

    [Fact]
    public void Once_warm_nothing_is_allocated()
    {
        string text = string.Concat(Enumerable.Repeat("Some words, 12345 of them — mañana 中文字 🙂.\n", 40)) + new string('x', 700);
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        List<int> ids = [];
        int[] room = new int[text.Length * 3];
        void Calls()
        {
            ids.Clear();
            TokenizerFixture.Tokenizer.Encode(text.AsSpan(), ids);
            ids.Clear();
            TokenizerFixture.Tokenizer.Encode(utf8, ids);
            TokenizerFixture.Tokenizer.TryEncode(text, room, out _);
            TokenizerFixture.Tokenizer.CountTokens(text.AsSpan());
            TokenizerFixture.Tokenizer.CountTokens(utf8);
            TokenizerFixture.Tokenizer.GetIndexByTokenCount(utf8, 500, out _);
        }

        for (int warm = 0; warm < 50; warm++)
        {
            Calls();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int call = 0; call < 100; call++)
        {
            Calls();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Many_texts_come_back_in_order()
    {
        RandomStream random = new RandomStreams(23).Open("batch");
        string[] texts = [.. Enumerable.Range(0, 500).Select(_ => RandomText(random, 30))];
        Assert.Equal(texts.Select(TokenizerFixture.Tokenizer.Encode), TokenizerFixture.Tokenizer.EncodeBatchToIds(texts, TestContext.Current.CancellationToken));
        Assert.Throws<OperationCanceledException>(() => TokenizerFixture.Tokenizer.EncodeBatchToIds(texts, new CancellationToken(canceled: true)));
    }

    private static Tokenizer With(string expression) => new(TokenizerFixture.Tokenizer.Pipeline with
    {
        PreTokenizer = new PreTokenizerSequence([
            new SplitPreTokenizer(TextPattern.OfExpression(expression), SplitBehavior.Isolated),
            new ByteLevelPreTokenizer(AddPrefixSpace: false, TrimOffsets: true, UseExpression: false)]),
        FastEncoder = null,
    });

    private static string RandomText(RandomStream random, int most) =>
        string.Concat(Enumerable.Range(0, 1 + random.NextInt32(most)).Select(_ => Pieces[random.NextInt32(Pieces.Length)]));

    // Encodes through the pipeline of parts
    private sealed class NoShortcut(Tokenizer tokenizer) : Athanor.Tokenization.Pipeline.IFastEncoder
    {
        public void Encode(ReadOnlySpan<char> text, bool atStart, List<int> ids) =>
            ids.AddRange((tokenizer.Pipeline with { FastEncoder = null }).Tokenize(text.ToString(), withSpecial: false).Ids);
    }
}
