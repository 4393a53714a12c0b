using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Tokenization.SentencePiece;
using Xunit;

namespace Athanor.Tests.Tokenization.SentencePiece;

public sealed class SentencePieceFileTests
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        SentencePieceFile file = SentencePieceFixture.File(ModelType.BytePairs, byteFallback: true, userDefined: ["<sep>"]);
        file.Trainer.UnknownSurface = " ? ";
        file.Trainer.PaddingId = -1;
        file.Trainer.UserDefinedSymbols = ["<sep>", "é"];
        file.Trainer.CharacterCoverage = 0.98f;
        file.Normalizer.AddDummyPrefix = false;
        file.Normalizer.PrecompiledMap = new byte[] { 1, 2, 3 };
        SentencePieceFile read = SentencePieceFile.Read(file.ToArray(), "copy");

        Assert.Equal(file.Pieces.Select(piece => (piece.Text, piece.Score, piece.Type)), read.Pieces.Select(piece => (piece.Text, piece.Score, piece.Type)));
        Assert.Equal((" ? ", -1, ModelType.BytePairs, true, 0.98f), (read.Trainer.UnknownSurface, read.Trainer.PaddingId, read.Trainer.ModelType, read.Trainer.ByteFallback, read.Trainer.CharacterCoverage));
        Assert.Equal(["<sep>", "é"], read.Trainer.UserDefinedSymbols);
        Assert.Equal((false, true, "identity"), (read.Normalizer.AddDummyPrefix, read.Normalizer.RemoveExtraWhitespaces, read.Normalizer.Name));
        Assert.Equal([1, 2, 3], read.Normalizer.PrecompiledMap.ToArray());
        Assert.Equal(file.ToArray(), read.ToArray());
    }

    [Fact]
    public void A_file_is_saved_and_opened()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            string path = Path.Combine(folder.FullName, "m.model");
            SentencePieceFixture.File(ModelType.Unigram).Save(path);
            Assert.Equal(SentencePieceFixture.File(ModelType.Unigram).Pieces.Count, SentencePieceModel.Open(path).Count);
            Assert.Throws<AthanorException>(() => SentencePieceModel.Open(path + "x"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07 })]
    [InlineData(new byte[] { 0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })]
    [InlineData(new byte[] { 0x0A, 0x00 })]
    [InlineData(new byte[] { 0x0B, 0x01 })]
    [InlineData(new byte[] { 0x00, 0x01 })]
    [InlineData(new byte[] { 0x80, 0x80 })]
    [InlineData(new byte[0])]
    public void Sizes_that_the_file_does_not_have_are_refused(byte[] bytes) =>
        Assert.Throws<AthanorException>(() => SentencePieceFile.Read(bytes, "hostile"));

    [Fact]
    public void A_damaged_file_is_read_or_refused_and_never_more()
    {
        byte[][] files =
        [
            .. new[] { ModelType.Unigram, ModelType.BytePairs, ModelType.Words, ModelType.Characters }.Select(type =>
            {
                SentencePieceFile file = SentencePieceFixture.File(type, byteFallback: type == ModelType.BytePairs, userDefined: ["<sep>"]);
                file.Normalizer.PrecompiledMap = Athanor.Tokenization.Unigrams.PrecompiledMap.Build([KeyValuePair.Create("é", "e"), KeyValuePair.Create("x", "")]).Bytes.ToArray();
                return file.ToArray();
            }),
        ];
        for (int index = 0; index < 400; index++)
        {
            RandomStream random = new RandomStreams(23).Open("damage", index);
            byte[] original = files[index % files.Length];
            byte[] damaged = original[..(random.NextInt32(4) == 0 ? random.NextInt32(original.Length + 1) : original.Length)];
            for (int i = random.NextInt32(8); i >= 0 && damaged.Length > 0; i--)
            {
                damaged[random.NextInt32(damaged.Length)] = (byte)random.NextInt32(256);
            }

            try
            {
                SentencePieceModel model = new(SentencePieceFile.Read(damaged, "damaged"));
                string text = SentencePieceFixture.Text(index, 10) + "<sep>éx";
                int[] ids = model.Encode(text);
                Assert.All(ids, id => Assert.InRange(id, 0, model.Count - 1));
                model.Decode(ids);
                List<int> fast = [];
                SentencePiecePipeline.Of(model).EncodeIds(text, withSpecial: false, fast);
                Assert.Equal(ids, fast);
            }
            catch (AthanorException)
            {
            }
        }
    }

    [Fact]
    public void Pieces_that_contradict_each_other_are_refused()
    {
        SentencePieceFile file = SentencePieceFixture.File(ModelType.Unigram);
        void Refused(string fault, params ModelPiece[] pieces) =>
            Assert.Contains(fault, Assert.Throws<AthanorException>(() => new SentencePieceModel(new SentencePieceFile { Pieces = pieces, Trainer = file.Trainer })).Message, StringComparison.Ordinal);
        ModelPiece unknown = new("<unk>", 0, PieceType.Unknown);
        Refused("both \"a\"", unknown, new ModelPiece("a", -1), new ModelPiece("a", -2));
        Refused("no unknown piece", new ModelPiece("a", -1));
        Refused("both the unknown piece", unknown, new ModelPiece("<u>", 0, PieceType.Unknown));
        Refused("byte_fallback is off", unknown, new ModelPiece("<0x41>", 0, PieceType.Byte), new ModelPiece("a", -1));
        Refused("no UTF-8", unknown, new ModelPiece([0xFF], -1));
        file.Trainer.ByteFallback = true;
        Refused("no piece <0x00>", unknown, new ModelPiece("<0x41>", 0, PieceType.Byte), new ModelPiece("a", -1));
        Refused("said to be a byte", unknown, new ModelPiece("<0xg1>", 0, PieceType.Byte), new ModelPiece("a", -1));
    }
}
