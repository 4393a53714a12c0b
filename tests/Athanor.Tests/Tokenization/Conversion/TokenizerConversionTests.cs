using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Tests.Core.Files;
using Athanor.Tokenization;
using Athanor.Tokenization.Conversion;
using Athanor.Tokenization.Files;
using Athanor.Tokenization.SentencePiece;
using Athanor.Tokenization.Tiktoken;
using Xunit;

namespace Athanor.Tests.Tokenization.Conversion;

public sealed class TokenizerConversionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_converted_rank_file_is_read_back_with_equal_ids()
    {
        List<(byte[] Token, int Rank)> ranks = [.. Enumerable.Range(0, 256).Select(value => ((byte[])[(byte)value], value)), ("th"u8.ToArray(), 256), ("the"u8.ToArray(), 257), (" the"u8.ToArray(), 258)];
        Tokenizer tokenizer = new(TiktokenPipeline.Of(TiktokenRanks.From(ranks, fault => new AthanorException(fault, "")), TiktokenEncoding.Find("cl100k_base")!));
        IsTheSame(tokenizer, Saved(TokenizerConversion.ToJson(tokenizer)));
    }

    [Theory]
    [InlineData(ModelType.BytePairs, true)]
    [InlineData(ModelType.BytePairs, false)]
    [InlineData(ModelType.Unigram, true)]
    [InlineData(ModelType.Unigram, false)]
    public void A_converted_SentencePiece_model_is_read_back_with_equal_ids(ModelType type, bool prefix)
    {
        Tokenizer tokenizer = SentencePiece(type, prefix);
        IsTheSame(tokenizer, Saved(TokenizerConversion.ToJson(tokenizer)));
    }

    [Fact]
    public void What_cannot_be_exact_is_refused_with_the_strings_that_differ()
    {
        // "ab" is merged though there is no "b" to merge it from: no rule of tokenizer.json says so
        ModelPiece[] pieces = [new("<unk>", 0, PieceType.Unknown), new("▁", -1), new("a", -1), new("ab", -2)];
        Tokenizer tokenizer = Of(pieces, ModelType.BytePairs, prefix: false);
        AthanorException fault = Assert.Throws<AthanorException>(() => TokenizerConversion.ToJson(tokenizer));
        Assert.Contains("\"ab\"", fault.Message, StringComparison.Ordinal);
        (Tokenizer converted, IReadOnlyList<ConversionDifference> differences) = TokenizerConversion.Compare(tokenizer);
        Assert.Contains(differences, difference => difference.Text == "ab" && difference.Before.SequenceEqual([3]));
        Assert.Equal(tokenizer.Encode("a a"), converted.Encode("a a"));
    }

    [Fact]
    public void A_part_without_a_form_in_the_other_format_is_named()
    {
        Assert.Contains("Words", Assert.Throws<AthanorException>(() => TokenizerConversion.ToJson(Of([new("<unk>", 0, PieceType.Unknown), new("▁a", -1)], ModelType.Words, prefix: true))).Message, StringComparison.Ordinal);
        Tokenizer rwkv = Gguf(new GgufWriter().Add("tokenizer.ggml.model", "rwkv").Add("tokenizer.ggml.tokens", "a", "b"));
        Assert.Contains("Rwkv", Assert.Throws<AthanorException>(() => TokenizerConversion.ToJson(rwkv)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpt-2")]
    [InlineData("llama-bpe")]
    [InlineData("deepseek-llm")]
    [InlineData("gpt-4o")]
    [InlineData("superbpe")]
    [InlineData("kimi-k2")]
    [InlineData("bloom")]
    public void A_converted_GGUF_vocabulary_is_read_back_with_equal_ids(string preTokenizer)
    {
        string[] bytes = [.. Enumerable.Range(0, 256).Select(value => Athanor.Tokenization.BytePairs.ByteAlphabet.CharacterOf((byte)value).ToString())];
        Tokenizer tokenizer = Gguf(new GgufWriter().Add("tokenizer.ggml.model", "gpt2").Add("tokenizer.ggml.pre", preTokenizer)
            .Add("tokenizer.ggml.tokens", ["<s>", "</s>", .. bytes, "th", "the", "Ġthe", "12", "123", "<x>"])
            .Add("tokenizer.ggml.token_type", [3, 3, .. Enumerable.Repeat(1, 261), 4])
            .Add("tokenizer.ggml.merges", "t h", "th e", "Ġ the", "1 2", "12 3")
            .Add("tokenizer.ggml.bos_token_id", 0).Add("tokenizer.ggml.add_bos_token", true));
        Tokenizer converted = Saved(TokenizerConversion.ToJson(tokenizer));
        IsTheSame(tokenizer, converted);
        Assert.Equal(0, converted.EncodeText("the").Ids[0]);
    }

    private static Tokenizer SentencePiece(ModelType type, bool prefix)
    {
        List<ModelPiece> pieces = [new("<unk>", 0, PieceType.Unknown), new("<s>", 0, PieceType.Control), new("</s>", 0, PieceType.Control)];
        for (int value = 0; value < 256 && type == ModelType.BytePairs; value++)
        {
            pieces.Add(new ModelPiece($"<0x{value:X2}>", 0, PieceType.Byte));
        }

        string[] texts = ["▁t", "he", "▁the", "in", "▁a", "er", "▁", "e", "t", "a", "h", "i", "n", "r", "o", "s"];
        for (int at = 0; at < texts.Length; at++)
        {
            pieces.Add(new ModelPiece(texts[at], -at - 1));
        }

        return Of(pieces, type, prefix);
    }

    private static Tokenizer Of(IReadOnlyList<ModelPiece> pieces, ModelType type, bool prefix)
    {
        SentencePieceFile file = new() { Pieces = pieces };
        file.Trainer.ModelType = type;
        file.Trainer.ByteFallback = pieces.Any(piece => piece.Type == PieceType.Byte);
        file.Normalizer.AddDummyPrefix = prefix;
        file.Normalizer.RemoveExtraWhitespaces = false;
        return new Tokenizer(SentencePiecePipeline.Of(new SentencePieceModel(file)));
    }

    private static Tokenizer Gguf(GgufWriter file) => new(GgufVocabulary.Read(GgufMetadata.Read(new MemoryStream(file.ToArray()), "x.gguf")));

    private Tokenizer Saved(Tokenizer tokenizer)
    {
        tokenizer.Save(_folder["tokenizer.json"]);
        return Tokenizer.Load(_folder["tokenizer.json"]);
    }

    private static void IsTheSame(Tokenizer expected, Tokenizer actual)
    {
        Assert.Equal(expected.VocabularySize, actual.VocabularySize);
        foreach (string text in (string[])["the other in there", " a  the\n\nhe's 12345 €😀", "The Île\t" + Encoding.UTF8.GetString([0xC3, 0xA9]), "<s>the</s>"])
        {
            Assert.Equal(expected.EncodeWithSpecialTokens(text), actual.EncodeWithSpecialTokens(text));
            int[] ids = expected.EncodeWithSpecialTokens(text);
            Assert.Equal(expected.Decode(ids, skipSpecialTokens: true), actual.Decode(ids, skipSpecialTokens: true));
        }
    }
}
