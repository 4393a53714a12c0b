using System.Text;
using Athanor.Core.Randomness;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Splitting;
using Athanor.Tokenization.Unigrams;
using Xunit;

namespace Athanor.Tests.Tokenization.Unigrams;

public sealed class UnigramFastEncoderTests
{
    private static readonly string[] Parts =
    [
        " ", "  ", "\n", "\r\n", "\r", "\t", "\u000B", "\u0007", "a", "the", "The", "reader", "``", "''", "'", "don't", "é", "ж", "e\u0301", "\u0301", " \u0301", "\u3000", "\u00A0", "数", "か\u3099",
        "ñandú", "ộ", "कि", "क्", "।", "ஒ", "ճ", "۔", "—", "…", "¨", "日本", "\u200D", "🙂", "▁", "ﬁ", "\u0600", "\uFFFD", "\ud800", "ﷺ", "areallyverylongwordwithnospacesinitatallindeed", "<unk>",
    ];

    public static TheoryData<string> Pipelines => ["metaspace", "t5", "albert", "spaces"];

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void The_short_way_gives_what_the_parts_give(string name)
    {
        TokenizerPipeline pipeline = Pipeline(name);
        UnigramFastEncoder? encoder = UnigramFastEncoder.For(pipeline);
        Assert.NotNull(encoder);
        for (int index = 0; index < 2000; index++)
        {
            RandomStream random = new RandomStreams(31).Open(name, index);
            string text = string.Concat(Enumerable.Range(0, random.NextInt32(12)).Select(_ => random.NextInt32(3) == 0 ? " " : Parts[random.NextInt32(Parts.Length)]));
            List<int> expected = [];
            pipeline.EncodeIds(text, withSpecial: false, expected);
            List<int> actual = [];
            encoder.Encode(text, atStart: true, actual);
            Assert.True(expected.SequenceEqual(actual), $"{name} {string.Join(' ', text.Select(unit => ((int)unit).ToString("X4")))}: {string.Join(' ', actual)} instead of {string.Join(' ', expected)}");
        }
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void Every_character_of_the_smaller_scripts_may_stand_beside_a_space(string name)
    {
        TokenizerPipeline pipeline = Pipeline(name);
        UnigramFastEncoder encoder = UnigramFastEncoder.For(pipeline)!;
        for (int code = 0x80; code < 0x3100; code++)
        {
            string text = $"the {(char)code} the{(char)code} {(char)code}\u0301 the{(char)code}  {(char)code}the {(char)code}{(char)code} \u0301";
            List<int> expected = [];
            pipeline.EncodeIds(text, withSpecial: false, expected);
            List<int> actual = [];
            encoder.Encode(text, atStart: true, actual);
            Assert.True(expected.SequenceEqual(actual), $"{name} {code:X4}");
        }
    }

    [Theory]
    [InlineData("metaspace")]
    [InlineData("t5")]
    public void Nothing_is_allocated_for_words_never_seen(string name)
    {
        UnigramFastEncoder encoder = UnigramFastEncoder.For(Pipeline(name))!;
        List<int> ids = [];
        void Encode(string text)
        {
            ids.Clear();
            encoder.Encode(text, atStart: true, ids);
        }

        Assert.Equal(0, NewWords.AllocatedBy(Encode, name));
        Assert.NotEmpty(ids);
    }

    [Fact]
    public void Parts_that_look_beyond_a_character_have_no_short_way()
    {
        TokenizerPipeline pipeline = Pipeline("t5");
        Assert.Null(UnigramFastEncoder.For(pipeline with { Normalizer = new PrependNormalizer("▁") }));
        Assert.Null(UnigramFastEncoder.For(pipeline with { Normalizer = new ReplaceNormalizer(TextPattern.OfExpression("a+"), "b") }));
        Assert.Null(UnigramFastEncoder.For(pipeline with { PreTokenizer = null }));
        Assert.Null(UnigramFastEncoder.For(pipeline with { PreTokenizer = new MetaspacePreTokenizer(new Rune('▁'), PrependScheme.First) }));
    }

    private static TokenizerPipeline Pipeline(string name)
    {
        MetaspacePreTokenizer metaspace = new(new Rune('▁'));
        PreTokenizerSequence words = new([new WhitespaceSplitPreTokenizer(), metaspace]);
        INormalizer? normalizer = name switch
        {
            "t5" => new PrecompiledNormalizer(NormalizationRules.MapOf("nmt_nfkc")!),
            "albert" => new NormalizerSequence(
            [
                new ReplaceNormalizer(TextPattern.OfString("``"), "\""), new ReplaceNormalizer(TextPattern.OfString("''"), "\""), new UnicodeNormalizer(NormalizationForm.FormKD),
                new StripAccentsNormalizer(), new LowercaseNormalizer(), new ReplaceNormalizer(TextPattern.OfExpression(" {2,}"), " "),
            ]),
            "spaces" => new NormalizerSequence([new NmtNormalizer(), new UnicodeNormalizer(NormalizationForm.FormKC), new ReplaceNormalizer(TextPattern.OfExpression(" {2,}"), " ")]),
            _ => null,
        };
        HashSet<string> tokens = ["<unk>", "▁", "\"", "'", "\n", "\t"];
        foreach (string text in (string[])["▁the", "▁The", "▁reader", "▁don't", "é", "ж", "数", "fi", "\u0301", "averylongword"])
        {
            for (int start = 0; start < text.Length; start++)
            {
                for (int length = 1; start + length <= text.Length; length++)
                {
                    tokens.Add(text.Substring(start, length));
                }
            }
        }

        RandomStream random = new RandomStreams(3).Open("scores");
        UnigramModel model = new([.. tokens.Select(token => KeyValuePair.Create(token, -5 * random.NextDouble() - token.Length))], 0, byteFallback: false);
        return new TokenizerPipeline { Model = model, Normalizer = normalizer, PreTokenizer = name is "metaspace" or "spaces" ? metaspace : words };
    }
}
