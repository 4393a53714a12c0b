using System.Text;
using Athanor.Core.Randomness;
using Athanor.Tokenization;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.SentencePiece;
using Athanor.Tokenization.Unigrams;
using Xunit;

namespace Athanor.Tests.Tokenization.SentencePiece;

public sealed class SentencePieceModelTests
{
    public static TheoryData<ModelType, bool> Kinds => new()
    {
        { ModelType.Unigram, false }, { ModelType.Unigram, true }, { ModelType.BytePairs, false }, { ModelType.BytePairs, true }, { ModelType.Words, false }, { ModelType.Characters, false },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_pipeline_gives_the_ids_of_the_model_cold_and_warm_and_with_offsets(ModelType type, bool byteFallback)
    {
        for (int seed = 0; seed < 4; seed++)
        {
            SentencePieceModel model = new(SentencePieceFixture.File(type, seed, byteFallback, seed > 1 ? ["<s", "re", " ▁"] : null));
            TokenizerPipeline pipeline = SentencePiecePipeline.Of(model);
            for (int index = 0; index < 60; index++)
            {
                // A long text makes sums large, so that what is remembered of a word no longer stands.
                string text = SentencePieceFixture.Text(index % 30, index % 10 == 9 ? 3000 : 25);
                int[] ids = model.Encode(text);
                List<int> fast = [];
                pipeline.EncodeIds(text, withSpecial: false, fast);
                Assert.Equal(ids, fast);
                if (text.Length < 1000)
                {
                    List<int> slow = [];
                    (pipeline with { FastEncoder = null }).EncodeIds(text, withSpecial: false, slow);
                    Assert.Equal(ids, slow);
                    Assert.Equal(model.Decode(ids), pipeline.Decode(ids, skipSpecialTokens: false));
                }
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(3)]
    [InlineData(1)]
    public void Byte_pairs_are_joined_alike_with_and_without_a_heap(int? equalScores)
    {
        for (int index = 0; index < 200; index++)
        {
            PieceTable pieces = new(SentencePieceFixture.File(ModelType.BytePairs, index, userDefined: index % 3 == 0 ? ["er", "aa."] : null, equalScores: equalScores), "fixture");
            BytePairSegmenter segmenter = new(pieces);
            byte[] text = Encoding.UTF8.GetBytes(index % 5 == 0 ? new string('a', 1 + index) : SentencePieceFixture.Text(index, 40).Replace(" ", index % 2 == 0 ? "▁" : "", StringComparison.Ordinal));
            Segmentation byIds = new();
            segmenter.Segment(text, byIds);
            Segmentation byHeap = new();
            segmenter.Segment(text, byHeap, 0, 0, null);
            Assert.Equal(byHeap.Ids.ToArray(), byIds.Ids.ToArray());
            Assert.Equal(byHeap.Ends.ToArray(), byIds.Ends.ToArray());

            JoinRules rules = JoinRules.For(pieces)!;
            Segmentation longWord = new();
            LongWordMerger.Segment(rules, text, longWord, 0);
            Assert.Equal(byHeap.Ids.ToArray(), longWord.Ids.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Places_rise_and_cover_the_text(ModelType type, bool byteFallback)
    {
        SentencePieceModel model = new(SentencePieceFixture.File(type, 1, byteFallback));
        for (int index = 0; index < 50; index++)
        {
            string text = SentencePieceFixture.Text(index, 20).Trim();
            int at = 0;
            foreach (PlacedPiece piece in model.EncodePieces(text))
            {
                Assert.Equal(at, piece.Offsets.Start);
                Assert.Equal(piece.Offsets.Length >= 0, piece.CodePointOffsets.Length >= 0);
                at = piece.Offsets.End;
            }

            // Spaces at the end are removed, and have no piece.
            Assert.True(text[at..].AsSpan().Trim(" ▁").IsEmpty);
        }
    }

    [Fact]
    public void Every_text_comes_back_from_a_model_with_bytes_that_keeps_white_space()
    {
        SentencePieceFile file = SentencePieceFixture.File(ModelType.BytePairs, byteFallback: true);
        file.Normalizer.RemoveExtraWhitespaces = false;
        SentencePieceModel model = new(file);
        for (int index = 0; index < 100; index++)
        {
            string text = SentencePieceFixture.Text(index, 20).Replace('▁', 'x');
            string mended = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            Assert.Equal(mended, model.Decode(model.Encode(text)));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Text_that_arrives_id_by_id_is_the_text_of_all(ModelType type, bool byteFallback)
    {
        Tokenizer tokenizer = new(SentencePiecePipeline.Of(new SentencePieceModel(SentencePieceFixture.File(type, 2, byteFallback))));
        for (int index = 0; index < 60; index++)
        {
            RandomStream random = new RandomStreams(41).Open("stream", index);
            int[] ids = [.. tokenizer.Encode(SentencePieceFixture.Text(index, 30)), .. Enumerable.Range(0, 100).Select(_ => random.NextInt32(tokenizer.VocabularySize))];
            StringBuilder text = new();
            StreamingDecoder decoder = tokenizer.OpenDecoder();
            foreach (int id in ids)
            {
                text.Append(decoder.Append(id));
            }

            text.Append(decoder.Flush());
            Assert.Equal(tokenizer.Decode(ids), text.ToString());
            Assert.False(decoder.IsWithinCharacter);
        }
    }

    [Fact]
    public void A_file_opens_as_a_tokenizer_whose_bytes_are_those_of_its_pieces()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            SentencePieceFixture.File(ModelType.BytePairs, byteFallback: true).Save(Path.Combine(folder.FullName, "tokenizer.model"));
            Tokenizer tokenizer = Tokenizer.Load(folder.FullName);
            Assert.True(tokenizer.TryGetId("<0xC3>", out int half));
            Assert.True(tokenizer.TryGetId("▁the", out int the));
            Assert.Equal([0xC3], tokenizer.BytesOf(half).ToArray());
            Assert.Equal(" the"u8.ToArray(), tokenizer.BytesOf(the).ToArray());
            Assert.Equal([1, .. tokenizer.Encode("the reader")], tokenizer.EncodeWithSpecialTokens("<s>the reader"));
            Assert.DoesNotContain(1, tokenizer.Encode("<s>the reader"));
            Assert.Equal(["▁the", "▁reader"], tokenizer.EncodeText("the reader").Tokens);
            Assert.Equal([new Offsets(0, 3), new Offsets(3, 10)], tokenizer.EncodeText("the reader").Offsets);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_best_of_the_list_is_the_encoding()
    {
        SentencePieceModel model = new(SentencePieceFixture.File(ModelType.Unigram, 4));
        for (int index = 0; index < 30; index++)
        {
            string text = SentencePieceFixture.Text(index, 6);
            IReadOnlyList<ScoredPieces> best = model.EncodeBest(text, 20);
            Assert.Equal(model.Encode(text), best[0].Ids);
            Assert.Equal(model.Score(text), best[0].Score, 1e-3);
            Assert.All(best.Zip(best.Skip(1)), pair => Assert.True(pair.First.Score >= pair.Second.Score - 1e-4));
        }
    }

    [Fact]
    public void Drawn_segmentations_stand_for_the_same_text_and_all_joins_left_out_give_characters()
    {
        SentencePieceModel unigram = new(SentencePieceFixture.File(ModelType.Unigram, 4));
        SentencePieceModel pairs = new(SentencePieceFixture.File(ModelType.BytePairs, 4));
        RandomStream random = new RandomStreams(2).Open("drawn");
        string text = "the reader there";
        HashSet<string> seen = [];
        for (int i = 0; i < 50; i++)
        {
            IReadOnlyList<PlacedPiece> drawn = unigram.Sample(text, 0.2f, random, i % 2 == 0 ? null : 8);
            Assert.Equal("▁the▁reader▁there", string.Concat(drawn.Select(piece => piece.Piece)));
            seen.Add(string.Join(' ', drawn.Select(piece => piece.Id)));
            Assert.Equal(text, pairs.Decode([.. pairs.Sample(text, 0.3f, random).Select(piece => piece.Id)]));
        }

        Assert.True(seen.Count > 5);
        Assert.All(pairs.Sample(text, 1, random), piece => Assert.Equal(1, piece.Piece.Length));
        Assert.Equal(pairs.Encode(text), pairs.Sample(text, 0, random).Select(piece => piece.Id));
        Assert.Throws<InvalidOperationException>(() => pairs.EncodeBest(text, 2));
    }

    [Fact]
    public void Options_add_and_reverse_as_the_library_does()
    {
        SentencePieceModel model = new(SentencePieceFixture.File(ModelType.Unigram));
        int[] plain = model.Encode("the reader");
        Assert.Equal([1, .. plain.Reverse(), 2], model.Encode("the reader", addBeginning: true, addEnd: true, reverse: true));
        Assert.Equal((0, 1, 2, -1), (model.UnknownId, model.BeginningId, model.EndId, model.PaddingId));
    }

    [Fact]
    public void Decoding_shows_unknown_pieces_and_keeps_the_good_part_of_broken_bytes()
    {
        SentencePieceModel model = new(SentencePieceFixture.File(ModelType.Unigram, byteFallback: true));
        Assert.Equal("the ⁇ the", model.Decode(["▁the", "<unk>", "the"]).Replace("  ", " ", StringComparison.Ordinal));
        Assert.Equal("theé\uFFFD\uFFFDthe", model.Decode(["▁the", "<s>", "<0xC3>", "<0xA9>", "<0xE2>", "<0x82>", "the"]));
        Assert.Equal("the▁nope", model.Decode(["▁the", "▁nope"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Decode([model.Count]));
    }

    [Fact]
    public void An_unused_piece_is_taken_apart_into_what_it_was_joined_from()
    {
        ModelPiece[] pieces = [new("<unk>", 0, PieceType.Unknown), new("a", -5), new("b", -6), new("c", -7), new("ab", -1, PieceType.Unused), new("abc", -2)];
        SentencePieceModel model = new(new SentencePieceFile { Pieces = pieces, Trainer = new TrainerSpec { ModelType = ModelType.BytePairs }, Normalizer = new NormalizerSpec { AddDummyPrefix = false } });
        Assert.Equal([5], model.Encode("abc"));
        Assert.Equal([1, 2, 1, 2], model.Encode("abab"));
    }

    [Fact]
    public void A_megabyte_of_one_letter_is_encoded()
    {
        foreach (ModelType type in (ModelType[])[ModelType.Unigram, ModelType.BytePairs])
        {
            SentencePieceModel model = new(SentencePieceFixture.File(type));
            List<int> ids = [];
            SentencePiecePipeline.Of(model).EncodeIds(new string('a', 1 << 20), withSpecial: false, ids);
            Assert.InRange(ids.Count, 1 << 18, 1 << 20);
            Assert.Equal(model.Encode(new string('a', 1 << 20)), ids);
        }
    }
}
