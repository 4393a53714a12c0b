using System.Text;
using Athanor.Core.Randomness;
using Athanor.Tokenization;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Splitting;
using Athanor.Tokenization.WordPieces;
using Xunit;

namespace Athanor.Tests.Tokenization;

public sealed class ChunkEncoderTests
{
    private static readonly string[] Pieces =
    [
        "the", "un", "able", "Straße", "É", "e\u0301", "\u0301", "中", "文", " ", "  ", "\t", "\n", "\r\n", "\u00A0", "\u3000", ".", ",", "'", "$", "\u0600", "\u0085", "a", "B", "1", "🙂", "\u200D", "\uFFFD", "\0", "\uD83D",
        "incomprehensibilities", "x", "İ", "ﬁ", "\u0323", "가", "\uF900", "\U00020001",
    ];

    public static TheoryData<bool, bool> Options => new() { { true, true }, { false, true }, { true, false }, { false, false } };

    [Theory]
    [MemberData(nameof(Options))]
    public void Word_pieces_of_chunks_are_those_of_the_text(bool clean, bool lowercase)
    {
        string[] tokens = ["[UNK]", "the", "un", "##able", "able", "e", "##e", "a", "##a", "b", "strasse", "stra", "##ß", "##s", "##se", "中", "文", ".", ",", "'", "$", "x", "##x", "1", "É", "é"];
        TokenizerPipeline pipeline = new()
        {
            Model = new WordPieceModel(TokenVocabulary.From(tokens), "[UNK]", "##", 100),
            Normalizer = new BertNormalizer(CleanText: clean, Lowercase: lowercase),
            PreTokenizer = new BertPreTokenizer(),
        };
        ChunkEncoder encoder = Assert.IsType<ChunkEncoder>(ChunkEncoder.For(pipeline));
        RandomStream random = new RandomStreams(31).Open("chunks");
        for (int round = 0; round < 1500; round++)
        {
            string text = string.Concat(Enumerable.Range(0, 1 + random.NextInt32(25)).Select(_ => Pieces[random.NextInt32(Pieces.Length)]));
            List<int> ids = [7];
            encoder.Encode(text, atStart: true, ids);
            Assert.Equal([7, .. pipeline.Tokenize(text, withSpecial: false).Ids], ids);
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Nothing_is_allocated_for_words_never_seen(bool clean, bool lowercase)
    {
        Tokenizer tokenizer = new(new TokenizerPipeline
        {
            Model = new WordPieceModel(TokenVocabulary.From(["[UNK]", "a", "##a", "b", "##b", "e", "##e", "c", "##c", "d", "##d", "数", "ж", "##ж", ".", ","]), "[UNK]", "##", 100),
            Normalizer = new BertNormalizer(CleanText: clean, Lowercase: lowercase),
            PreTokenizer = new BertPreTokenizer(),
        });
        List<int> ids = [];
        void Encode(string text)
        {
            ids.Clear();
            tokenizer.Encode(text, ids);
        }

        Assert.Equal(0, NewWords.AllocatedBy(Encode, "bert"));
        Assert.NotEmpty(ids);
    }

    [Fact]
    public void A_long_text_of_words_never_seen_fits()
    {
        Tokenizer tokenizer = new(new TokenizerPipeline
        {
            Model = new WordPieceModel(TokenVocabulary.From(["[UNK]", "a", "##a", "."]), "[UNK]", "##", 100),
            PreTokenizer = new BertPreTokenizer(),
        });
        StringBuilder text = new();
        for (int length = 1; length <= 90; length++)
        {
            text.Append('a', length).Append(' ').Append('.', length).Append('\n');
        }

        Assert.Equal(90 * 91, tokenizer.Encode(text.ToString()).Length);
        Assert.Equal(90 * 91, tokenizer.Encode(text.ToString()).Length);
    }
}
