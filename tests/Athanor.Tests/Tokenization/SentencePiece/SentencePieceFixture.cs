using Athanor.Core.Randomness;
using Athanor.Tokenization.SentencePiece;

namespace Athanor.Tests.Tokenization.SentencePiece;

/// <summary>Small models whose pieces are drawn from words, and texts to encode with them.</summary>
internal static class SentencePieceFixture
{
    private static readonly string[] Words = ["the", "there", "here", "he", "reader", "read", "größe", "数据", "データ", "aaaa", "aa", "=\"", "name", "ing", "." ];

    /// <summary>A model.</summary>
    /// <param name="type">Its kind.</param>
    /// <param name="seed">Draws the scores.</param>
    /// <param name="byteFallback">Whether unknown characters are bytes.</param>
    /// <param name="userDefined">Pieces that are always kept whole.</param>
    /// <param name="equalScores">How many different scores there are; null: as many as pieces.</param>
    public static SentencePieceFile File(ModelType type, int seed = 0, bool byteFallback = false, string[]? userDefined = null, int? equalScores = null)
    {
        RandomStream random = new RandomStreams(seed).Open("pieces");
        List<ModelPiece> pieces = [new("<unk>", 0, PieceType.Unknown), new("<s>", 0, PieceType.Control), new("</s>", 0, PieceType.Control)];
        pieces.AddRange((userDefined ?? []).Select(piece => new ModelPiece(piece, 0, PieceType.UserDefined)));
        for (int value = 0; byteFallback && value < 256; value++)
        {
            pieces.Add(new ModelPiece(PieceTable.ByteName((byte)value), 0, PieceType.Byte));
        }

        HashSet<string> texts = ["▁", "▁▁"];
        foreach (string word in Words)
        {
            for (int start = 0; start < word.Length; start++)
            {
                for (int length = 1; start + length <= word.Length; length++)
                {
                    texts.Add(word.Substring(start, length));
                    texts.Add("▁" + word[..length]);
                }
            }
        }

        texts.ExceptWith(userDefined ?? []);
        int rank = 0;
        foreach (string text in texts.Order(StringComparer.Ordinal))
        {
            float score = equalScores is int scores ? -random.NextInt32(scores) : type == ModelType.BytePairs ? -rank++ : -1 - (float)(10 * random.NextDouble()) - text.Length;
            pieces.Add(new ModelPiece(text, score));
        }

        TrainerSpec trainer = new() { ModelType = type, ByteFallback = byteFallback };
        NormalizerSpec normalizer = new() { Name = "identity" };
        return new SentencePieceFile { Pieces = pieces, Trainer = trainer, Normalizer = normalizer };
    }

    /// <summary>A text of the model's words, of other characters and of white space.</summary>
    public static string Text(int index, int words)
    {
        RandomStream random = new RandomStreams(17).Open("text", index);
        string[] others = ["x", "ß🙂", "é", " ", "  ", "\t", "▁", "<s>", "e\u0301", "\uFFFD", "\ud800", "zz<unk>"];
        return string.Concat(Enumerable.Range(0, words).Select(_ => random.NextInt32(4) switch
        {
            0 => others[random.NextInt32(others.Length)],
            1 => Words[random.NextInt32(Words.Length)],
            _ => " " + Words[random.NextInt32(Words.Length)],
        }));
    }
}
