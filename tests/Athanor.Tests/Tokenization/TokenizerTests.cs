using System.Buffers;
using System.Text;
using Athanor.Core.Randomness;
using Athanor.Tokenization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.Tokenizers;
using Xunit;
using Tokenizer = Athanor.Tokenization.Tokenizer;

namespace Athanor.Tests.Tokenization;

public sealed class TokenizerTests
{
    private static readonly Tokenizer Tokenizer = TokenizerFixture.Tokenizer;

    private static IEnumerable<string> Strings => TokenizerFixture.HardStrings.Concat(TokenizerFixture.Texts.Take(20));

    [Fact]
    public void Decoding_gives_the_text_back()
    {
        Assert.All(Strings, text => Assert.Equal(text, Tokenizer.Decode(Tokenizer.Encode(text))));
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text => text is null || Tokenizer.Decode(Tokenizer.Encode(text)) == Sound(text))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void An_unpaired_surrogate_counts_as_the_replacement_character()
    {
        Assert.Equal(Tokenizer.Encode("a\uFFFDb \uFFFD"), Tokenizer.Encode("a\uD800b \uDC00"));
        Assert.Equal("a\uFFFDb", Tokenizer.Decode(Tokenizer.Encode("a\uD800b")));
    }

    [Fact]
    public void Streaming_gives_what_decoding_at_once_gives()
    {
        RandomStream random = new RandomStreams(7).Open("streaming");
        for (int round = 0; round < 2000; round++)
        {
            // Random ids make broken bytes of every kind
            int[] ids = [.. Enumerable.Range(0, random.NextInt32(30)).Select(_ => random.NextInt32(random.NextInt32(2) == 0 ? 261 : Tokenizer.VocabularySize))];
            foreach (bool skip in new[] { false, true })
            {
                StreamingDecoder decoder = Tokenizer.OpenDecoder(skip);
                StringBuilder text = new();
                foreach (int id in ids)
                {
                    text.Append(decoder.Append(id));
                }

                text.Append(decoder.Flush());
                Assert.Equal(Tokenizer.Decode(ids, skip), text.ToString());
            }
        }
    }

    [Fact]
    public void Streaming_never_shows_half_a_character()
    {
        foreach (string text in Strings)
        {
            StreamingDecoder decoder = Tokenizer.OpenDecoder();
            StringBuilder shown = new();
            foreach (int id in Tokenizer.Encode(text))
            {
                shown.Append(decoder.Append(id));
                Assert.StartsWith(shown.ToString(), text, StringComparison.Ordinal);
                Assert.False(shown.Length > 0 && char.IsHighSurrogate(shown[^1]));
            }

            Assert.Equal("", decoder.Flush());
        }
    }

    [Fact]
    public void A_stream_that_ends_within_a_character_shows_the_replacement_character_once()
    {
        StreamingDecoder decoder = Tokenizer.OpenDecoder();
        Assert.Equal("", decoder.Append(IdOf(0xE6)));
        Assert.True(decoder.IsWithinCharacter);
        Assert.Equal("", decoder.Append(IdOf(0x95)));
        Assert.Equal("\uFFFD", decoder.Flush());
        Assert.Equal("", decoder.Flush());
        Assert.Equal("a", decoder.Append(IdOf((byte)'a')));
    }

    [Fact]
    public void Special_tokens_are_text_unless_asked_for()
    {
        Assert.True(Tokenizer.TryGetId("<|end|>", out int end));
        Assert.DoesNotContain(end, Tokenizer.Encode("x<|end|>y"));
        Assert.Equal([.. Tokenizer.Encode("x"), end, .. Tokenizer.Encode("y")], Tokenizer.EncodeWithSpecialTokens("x<|end|>y"));
        Assert.Equal([end, end], Tokenizer.EncodeWithSpecialTokens("<|end|><|end|>"));
        Assert.Equal("x<|end|>y", Tokenizer.Decode(Tokenizer.EncodeWithSpecialTokens("x<|end|>y")));
        Assert.Equal("xy", Tokenizer.Decode(Tokenizer.EncodeWithSpecialTokens("x<|end|>y"), skipSpecialTokens: true));
        Assert.True(Tokenizer.IsSpecial(end));
    }

    [Fact]
    public void An_id_outside_the_vocabulary_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Decode([Tokenizer.VocabularySize]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Decode([-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.OpenDecoder().Append(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.TokenOf(Tokenizer.VocabularySize));
    }

    [Fact]
    public void Long_words_are_encoded_as_short_ones_are()
    {
        // The heap takes over for words of more than 96 bytes: between them lies no difference but speed
        string unit = string.Concat(Enumerable.Repeat("specifiedcollection", 5));
        RandomStream random = new RandomStreams(1).Open("long");
        for (int length = 60; length < 180; length++)
        {
            string word = string.Concat(Enumerable.Range(0, length).Select(_ => unit[random.NextInt32(unit.Length)]));
            Assert.Equal(ByDefinition(word), Tokenizer.Encode(word));
            Assert.Equal(ByDefinition(new string('-', length)), Tokenizer.Encode(new string('-', length)));
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData("-")]
    [InlineData(" ")]
    [InlineData("\u0301")]
    [InlineData("ab")]
    public void A_megabyte_without_a_break_is_no_attack(string unit)
    {
        // Quadratic work would take hours here
        string text = string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length));
        Assert.Equal(text, Tokenizer.Decode(Tokenizer.Encode(text)));
    }

    [Fact]
    public async Task Many_threads_get_the_same_ids()
    {
        int[][] expected = [.. Strings.Select(Tokenizer.Encode)];
        Tokenizer fresh = TokenizerFixture.Tokenizer;
        await Parallel.ForAsync(0, 64, TestContext.Current.CancellationToken, (round, _) =>
        {
            int at = 0;
            foreach (string text in Strings)
            {
                Assert.Equal(expected[at++], fresh.Encode(text));
            }

            return ValueTask.CompletedTask;
        });
    }

    [Fact]
    public void Inherited_members_agree_with_encoding()
    {
        foreach (string text in Strings)
        {
            int[] ids = Tokenizer.Encode(text);
            Assert.Equal(ids, Tokenizer.EncodeToIds(text));
            Assert.Equal(ids.Length, Tokenizer.CountTokens(text));
            IReadOnlyList<EncodedToken> tokens = Tokenizer.EncodeToTokens(text, out string? normalized);
            Assert.Null(normalized);
            Assert.Equal(ids, tokens.Select(token => token.Id));
            Assert.Equal(text, Tokenizer.Decode((IEnumerable<int>)[.. ids]));
            int covered = 0;
            foreach (EncodedToken token in tokens)
            {
                Assert.InRange(token.Offset.Start.Value, 0, covered);
                Assert.True(token.Offset.End.Value >= covered);
                covered = token.Offset.End.Value;
            }

            Assert.Equal(text.Length, covered);
        }
    }

    [Fact]
    public void A_cut_at_a_number_of_tokens_never_splits_a_character()
    {
        foreach (string text in Strings.Where(text => text.Length < 60))
        {
            int[] ids = Tokenizer.Encode(text);
            for (int most = 1; most <= ids.Length + 1; most++)
            {
                IReadOnlyList<int> cut = Tokenizer.EncodeToIds(text, most, out _, out int consumed);
                Assert.True(cut.Count <= most);
                Assert.Equal(ids.Take(cut.Count), cut);
                Assert.Equal(text[..consumed], Tokenizer.Decode(cut));
                Assert.Equal(consumed, Tokenizer.GetIndexByTokenCount(text, most, out _, out int count));
                Assert.Equal(cut.Count, count);

                int from = Tokenizer.GetIndexByTokenCountFromEnd(text, most, out _, out int countFromEnd);
                Assert.True(countFromEnd <= most);
                Assert.Equal(text[from..], Tokenizer.Decode(ids.AsSpan(ids.Length - countFromEnd)));
            }
        }
    }

    [Fact]
    public void Decoding_into_a_span_consumes_what_it_wrote()
    {
        foreach (string text in Strings.Where(text => text.Length < 60))
        {
            int[] ids = Tokenizer.Encode(text);
            char[] destination = new char[text.Length];
            for (int size = 0; size <= text.Length; size++)
            {
                OperationStatus status = Tokenizer.Decode(ids, destination.AsSpan(0, size), out int consumed, out int written);
                Assert.Equal(size == text.Length ? OperationStatus.Done : OperationStatus.DestinationTooSmall, status);
                Assert.Equal(Tokenizer.Decode(ids.AsSpan(0, consumed)), new string(destination, 0, written));
            }
        }

        Assert.Equal(OperationStatus.InvalidData, Tokenizer.Decode([-1], new char[4], out _, out _));
    }

    private static string Sound(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static int IdOf(byte value)
    {
        int id = Enumerable.Range(0, Tokenizer.VocabularySize).Single(id => !Tokenizer.IsSpecial(id) && Tokenizer.BytesOf(id).SequenceEqual([value]));
        return id;
    }

    // One word: always merge the pair with the earliest rule, the leftmost first
    private static int[] ByDefinition(string word)
    {
        List<int> ids = [.. Encoding.UTF8.GetBytes(word).Select(IdOf)];
        while (true)
        {
            (int Rank, int At, int Result) best = (int.MaxValue, 0, 0);
            for (int at = 0; at + 1 < ids.Count; at++)
            {
                for (int rank = Tokenizer.Merges.Count - 1; rank >= 0; rank--)
                {
                    if (Tokenizer.Merges[rank].Left == ids[at] && Tokenizer.Merges[rank].Right == ids[at + 1])
                    {
                        best = rank < best.Rank ? (rank, at, Tokenizer.Merges[rank].Result) : best;
                        break;
                    }
                }
            }

            if (best.Rank == int.MaxValue)
            {
                return [.. ids];
            }

            ids[best.At] = best.Result;
            ids.RemoveAt(best.At + 1);
        }
    }
}
