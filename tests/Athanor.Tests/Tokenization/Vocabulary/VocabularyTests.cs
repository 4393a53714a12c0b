using Athanor.Core.Errors;
using Athanor.Models.Checkpoints;
using Athanor.Models.Specifications;
using Athanor.Tokenization;
using Athanor.Tokenization.SentencePiece;
using Athanor.Tokenization.Vocabulary;
using Xunit;

namespace Athanor.Tests.Tokenization.Vocabulary;

public sealed class VocabularyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_SentencePiece_vocabulary_is_extended_behind_what_was_there()
    {
        Tokenizer latin = SentencePieces("a", "b", "▁", "中");
        Tokenizer chinese = SentencePieces("▁", "中", "国", "中国", "a");
        VocabularyChange change = VocabularyExtension.Merge(latin, chinese);
        Assert.Equal(latin.VocabularySize + 2, change.Tokenizer.VocabularySize);
        for (int id = 0; id < latin.VocabularySize; id++)
        {
            Assert.Equal(latin.TokenOf(id), change.Tokenizer.TokenOf(id));
            Assert.Equal([id], change.Sources[id]);
        }

        Assert.Equal("国", change.Tokenizer.TokenOf(latin.VocabularySize));
        int[] bytes = [.. "国"u8.ToArray().Select(value => Id(latin, $"<0x{value:X2}>"))];
        Assert.Equal(bytes, change.Sources[latin.VocabularySize]);
        Assert.Equal([Id(latin, "中"), .. bytes], change.Sources[latin.VocabularySize + 1]);
        Assert.Equal([Id(latin, "a"), latin.VocabularySize + 1, Id(latin, "b")], change.Tokenizer.Encode("a中国b"));

        Tokenizer written = Tokenizer.Load(change.Write(_folder.Path));
        Assert.Equal(change.Tokenizer.Encode("ab中国 国a"), written.Encode("ab中国 国a"));
    }

    [Fact]
    public void Byte_pairs_are_extended_by_tokens_and_rules()
    {
        Tokenizer tokenizer = TokenizerFixture.Tokenizer;
        Tokenizer other = BytePairs(("z", "q"), ("zq", "x"));
        VocabularyChange change = VocabularyExtension.Merge(tokenizer, other);
        int added = change.Tokenizer.VocabularySize - tokenizer.VocabularySize;
        Assert.InRange(added, 1, 2);
        Assert.True(change.Tokenizer.TryGetId("zqx", out int id));
        Assert.Equal([id], change.Tokenizer.Encode("zqx"));
        Assert.Equal(tokenizer.Encode("zqx"), change.Sources[id]);
        Assert.Equal(tokenizer.Encode("7 + 8 = 15"), change.Tokenizer.Encode("7 + 8 = 15"));
    }

    [Fact]
    public void Special_tokens_follow_the_vocabulary()
    {
        foreach (Tokenizer tokenizer in (Tokenizer[])[TokenizerFixture.Tokenizer, SentencePieces("a", "▁")])
        {
            VocabularyChange change = VocabularyExtension.AddSpecialTokens(tokenizer, ["<|tool|>", "<|tool|>", tokenizer.TokenOf(1)]);
            Assert.Equal(tokenizer.VocabularySize + 1, change.Tokenizer.VocabularySize);
            Assert.True(change.Tokenizer.IsSpecial(tokenizer.VocabularySize));
            Assert.Contains(tokenizer.VocabularySize, change.Tokenizer.EncodeWithSpecialTokens("a<|tool|>a"));
            Assert.DoesNotContain(tokenizer.VocabularySize, change.Tokenizer.Encode("a<|tool|>a"));
            Assert.Equal(tokenizer.Encode("<|tool|>"), change.Sources[^1]);
            Assert.Throws<AthanorException>(() => VocabularyExtension.AddSpecialTokens(tokenizer, [tokenizer.TokenOf(0)]));
        }
    }

    [Fact]
    public void A_trimmed_vocabulary_cuts_its_corpus_as_before()
    {
        string[] corpus = ["What is 7 + 8?", "The answer is 15.", "x\n"];
        foreach (Tokenizer tokenizer in (Tokenizer[])[TokenizerFixture.Tokenizer, SentencePieces("▁", "W", "h", "a", "t", "ha", "hat", "▁W", "zz", "zzz", "i", "s", "is", "▁is")])
        {
            VocabularyChange change = VocabularyTrimming.Trim(tokenizer, corpus, cancellation: TestContext.Current.CancellationToken);
            Assert.True(change.Tokenizer.VocabularySize < tokenizer.VocabularySize, $"{change.Tokenizer.VocabularySize} of {tokenizer.VocabularySize}");
            foreach (string text in corpus)
            {
                Assert.Equal(tokenizer.Encode(text), change.Tokenizer.Encode(text).Select(id => Assert.Single(change.Sources[id])));
            }

            Assert.Equal("never seen: 987654321 €", change.Tokenizer.Decode(change.Tokenizer.Encode("never seen: 987654321 €")));
            Tokenizer written = Tokenizer.Load(change.Write(_folder.Path));
            Assert.Equal(change.Tokenizer.Encode(corpus[0]), written.Encode(corpus[0]));
        }
    }

    [Fact]
    public void Other_kinds_are_refused_by_name()
    {
        AthanorException fault = Assert.Throws<AthanorException>(() => VocabularyExtension.Merge(TokenizerFixture.Tokenizer, SentencePieces("a")));
        Assert.Contains("SentencePiece", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_model_gets_rows_that_are_the_mean_of_a_tokens_pieces(bool tied)
    {
        TransformerSpec spec = TransformerSpec.Llama(4, 16, 8, 2, 2, 1, 4, 12, tiedHead: tied);
        ModelPlan plan = ModelPlan.From(spec);
        CheckpointWriter.Write(_folder["old"], plan, name => [.. Enumerable.Range(0, (int)plan[name].Count).Select(at => at + (name.Length * 0.5f))], new SpecialTokenIds(0, [3], null));
        VocabularyResizing.Write(_folder["old"], _folder["new"], [[3], [1], [0, 1, 1], [], [0]]);
        using Checkpoint old = Checkpoint.Open(_folder["old"]);
        using Checkpoint made = Checkpoint.Open(_folder["new"]);
        Assert.Equal(5, made.Spec.VocabularySize);
        Assert.Equal(4, made.SpecialTokens.Beginning);
        Assert.Equal([0], made.SpecialTokens.Ends);
        foreach (PlannedWeight weight in made.Plan.Weights)
        {
            float[] before = old.ReadSingles(weight.Name);
            float[] after = made.ReadSingles(weight.Name);
            if (weight.Name is not ("embedding.weight" or "head.weight"))
            {
                Assert.Equal(before, after);
                continue;
            }

            for (int at = 0; at < 8; at++)
            {
                Assert.Equal(before[(3 * 8) + at], after[at]);
                Assert.Equal(before[8 + at], after[8 + at]);
                Assert.Equal((before[at] + (2 * before[8 + at])) / 3, after[16 + at], 1e-5f);
                Assert.Equal((before[at] + before[8 + at] + before[16 + at] + before[24 + at]) / 4, after[24 + at], 1e-5f);
                Assert.Equal(before[at], after[32 + at]);
            }
        }

        Assert.Throws<AthanorException>(() => VocabularyResizing.Write(_folder["old"], _folder["other"], [[4]]));
        Assert.Throws<AthanorException>(() => VocabularyResizing.Write(_folder["old"], _folder["old"], [[1]]));
    }

    private static int Id(Tokenizer tokenizer, string token) => tokenizer.TryGetId(token, out int id) ? id : throw new InvalidOperationException($"{token} is missing");

    private static Tokenizer SentencePieces(params string[] texts)
    {
        SentencePieceFile file = new()
        {
            Pieces =
            [
                new("<unk>", 0, PieceType.Unknown), new("<s>", 0, PieceType.Control),
                .. Enumerable.Range(0, 256).Select(value => new ModelPiece($"<0x{value:X2}>", 0, PieceType.Byte)),
                .. texts.Select((text, at) => new ModelPiece(text, -at - 1)),
            ],
        };
        file.Trainer.ModelType = ModelType.BytePairs;
        file.Trainer.ByteFallback = true;
        file.Normalizer.AddDummyPrefix = false;
        file.Normalizer.RemoveExtraWhitespaces = false;
        return new Tokenizer(SentencePiecePipeline.Of(new SentencePieceModel(file)));
    }

    private static Tokenizer BytePairs(params (string Left, string Right)[] rules)
    {
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(value => Athanor.Tokenization.BytePairs.ByteAlphabet.CharacterOf((byte)value).ToString())];
        List<Athanor.Tokenization.BytePairs.Merge> merges = [];
        foreach ((string left, string right) in rules)
        {
            tokens.Add(left + right);
            merges.Add(new(tokens.IndexOf(left), tokens.IndexOf(right), tokens.Count - 1));
        }

        return new Tokenizer(tokens, [], merges);
    }
}
