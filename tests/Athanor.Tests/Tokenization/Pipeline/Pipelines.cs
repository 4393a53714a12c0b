using System.Text;
using Athanor.Tokenization;
using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Decoders;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.PostProcessors;
using Athanor.Tokenization.Splitting;
using Athanor.Tokenization.Unigrams;
using Athanor.Tokenization.WordLevels;
using Athanor.Tokenization.WordPieces;

namespace Athanor.Tests.Tokenization.Pipeline;

/// <summary>Small pipelines of every kind of model, with as many kinds of parts as go together.</summary>
internal static class Pipelines
{
    /// <summary>A character vocabulary with a few merges; what it lacks is unknown.</summary>
    public static BytePairTokenModel BytePairs(BytePairOptions options)
    {
        string[] tokens = ["<unk>", "a", "b", "c", "ab", "abc", "é", "日", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")];
        return new BytePairTokenModel(TokenVocabulary.From(tokens), [new Merge(1, 2, 4), new Merge(4, 3, 5)], options);
    }

    /// <summary>BERT's parts over letters and a few words.</summary>
    public static TokenizerPipeline WordPieces()
    {
        List<string> tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
        foreach (char letter in "abcdefghijklmnopqrstuvwxyz0123456789.,!?")
        {
            tokens.Add(letter.ToString());
            tokens.Add($"##{letter}");
        }

        tokens.AddRange(["the", "##ing", "to", "##ken", "数", "据"]);
        WordPieceModel model = new(TokenVocabulary.From(tokens), "[UNK]", "##", 100);
        BertNormalizer normalizer = new();
        return new TokenizerPipeline
        {
            Model = model,
            Added = new AddedVocabulary([.. tokens.Take(5).Select(token => new AddedToken(token)), new AddedToken("Yesterday", SingleWord: true, Normalized: true, Special: false)], model, normalizer),
            Normalizer = normalizer,
            PreTokenizer = new BertPreTokenizer(),
            PostProcessor = new TemplatePostProcessor(
                [Special("[CLS]", 2, 0), new TemplatePart(0, 0), Special("[SEP]", 3, 0)],
                [Special("[CLS]", 2, 0), new TemplatePart(0, 0), Special("[SEP]", 3, 0), new TemplatePart(1, 1), Special("[SEP]", 3, 1)]),
            Decoder = new WordPieceDecoder(),
        };
    }

    /// <summary>A unigram model behind <c>▁</c>, with bytes for what it lacks.</summary>
    public static TokenizerPipeline Unigrams()
    {
        List<KeyValuePair<string, double>> pieces = [new("<unk>", 0), new("▁", -2), new("a", -3), new("b", -3.5), new("▁a", -4), new("ab", -4.5), new("▁the", -5), new("é", -6)];
        pieces.AddRange(Enumerable.Range(0, 256).Select(value => KeyValuePair.Create($"<0x{value:X2}>", -20.0)));
        UnigramModel model = new(pieces, 0, byteFallback: true);
        INormalizer normalizer = new NormalizerSequence([new UnicodeNormalizer(NormalizationForm.FormKC), new ReplaceNormalizer(TextPattern.OfExpression(" {2,}"), " ")]);
        return new TokenizerPipeline
        {
            Model = model,
            Added = new AddedVocabulary([new AddedToken("<unk>"), new AddedToken("<s>", LStrip: true), new AddedToken("<mask>", RStrip: true, Normalized: true, Special: false)], model, normalizer),
            Normalizer = normalizer,
            PreTokenizer = new MetaspacePreTokenizer(new Rune('▁')),
            PostProcessor = new PostProcessorSequence([new ByteLevelPostProcessor(true, false, true), new TemplatePostProcessor([new TemplatePart(0, 0)], [new TemplatePart(0, 0), new TemplatePart(0, 1)])]),
            Decoder = new DecoderSequence([new ReplaceDecoder(TextPattern.OfString("▁"), " "), new ByteFallbackDecoder(), new FuseDecoder(), new StripDecoder(new Rune(' '), 1, 0)]),
        };
    }

    /// <summary>Whole words, cut to pieces that overlap, padded.</summary>
    public static TokenizerPipeline Words(Truncation? truncation = null, Padding? padding = null) => new()
    {
        Model = new WordLevelModel(TokenVocabulary.From(["<unk>", "a", "b", "c", "d", "e", "f", "g", "h"]), "<unk>"),
        PreTokenizer = new WhitespacePreTokenizer(),
        Truncation = truncation,
        Padding = padding,
    };

    /// <summary>Byte-level pairs behind GPT-2's expression, framed as RoBERTa frames.</summary>
    public static TokenizerPipeline Bytes()
    {
        Tokenizer trained = TokenizerFixture.Tokenizer;
        return trained.Pipeline with
        {
            PreTokenizer = new ByteLevelPreTokenizer(AddPrefixSpace: false),
            PostProcessor = new RobertaPostProcessor(new SpecialToken("<|end|>", 1), new SpecialToken("<|endoftext|>", 0), TrimOffsets: true, AddPrefixSpace: false),
            FastEncoder = null,
        };
    }

    public static IReadOnlyList<TokenizerPipeline> All { get; } =
    [
        Bytes(), WordPieces(), Unigrams(), Words(new Truncation(5, 2), new Padding(null, 4, Left: true)),
        new() { Model = BytePairs(new BytePairOptions("<unk>", EndOfWordSuffix: null, FuseUnknown: true)), Normalizer = new LowercaseNormalizer(), PreTokenizer = new WhitespaceSplitPreTokenizer(), Decoder = new BytePairDecoder() },
        TokenizerFixture.Tokenizer.Pipeline,
    ];

    private static TemplatePart Special(string token, int id, int type) => new(type, 0, [new SpecialToken(token, id)], token);
}
