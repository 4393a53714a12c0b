using System.Text;
using Athanor.Models.LanguageModels;
using Athanor.Tokenization;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Chat;
using Xunit;

namespace Athanor.Tests.Generation;

/// <summary>
/// A model in memory whose logits are a function of everything the sequence has taken in, so that a wrong cache shows in the answer. Its tokenizer has the
/// chat tokens (ids 0 to 4) and one token a byte (id 5 + byte).
/// </summary>
internal sealed class FakeLanguageModel(int contextLength, FakeLanguageModel.Rule rule, int vocabularySize = FakeLanguageModel.Vocabulary) : ILanguageModel
{
    public const int End = 1;
    public const int Assistant = 4;
    public const int FirstByte = 5;
    public const int Vocabulary = FirstByte + 256;

    private static readonly Tokenizer Bytes = new(
        [.. ChatTemplate.SpecialTokens, .. Enumerable.Range(0, 256).Select(value => ByteAlphabet.CharacterOf((byte)value).ToString())], ChatTemplate.SpecialTokens, []);

    public delegate void Rule(IReadOnlyList<int> taken, Span<float> logits);

    public LanguageModelInfo Info { get; } = new("fake", contextLength, vocabularySize, 1_234_567);

    public Tokenizer Tokenizer => ChatTemplate.Tokenizer;

    public ChatTemplate ChatTemplate { get; init; } = ChatTemplate.For(Bytes);

    /// <summary>How many tokens were taken in, by prompts and steps together.</summary>
    public int Computed { get; private set; }

    /// <summary>How many passes there were.</summary>
    public int Passes { get; private set; }

    /// <summary>The most sequences that stood in a pass.</summary>
    public int WidestPass { get; private set; }

    /// <summary>Numbers that look random, from the whole sequence.</summary>
    public static FakeLanguageModel Hashed(int contextLength = 64) => new(contextLength, (taken, logits) =>
    {
        ulong state = 0x9E3779B97F4A7C15;
        foreach (int token in taken)
        {
            state = (state ^ (ulong)token) * 0xBF58476D1CE4E5B9;
            state ^= state >> 29;
        }

        for (int token = 0; token < logits.Length; token++)
        {
            ulong mixed = (state + (ulong)token) * 0x94D049BB133111EB;
            logits[token] = ((mixed >> 40) / (float)(1 << 24) * 8) - 4;
        }
    });

    /// <summary>Answers each turn of a chat with a text, letter for letter, and ends it.</summary>
    public static FakeLanguageModel Saying(string answer, int contextLength = 4096) => Answering(_ => answer, contextLength);

    /// <summary>Answers each turn of a chat with a text that depends on the prompt's text.</summary>
    public static FakeLanguageModel Answering(Func<string, string> answer, int contextLength = 4096) => new(contextLength, (taken, logits) =>
    {
        int start = taken.Count;
        while (start > 0 && taken[start - 1] != Assistant)
        {
            start--;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(answer(Bytes.Decode([.. taken.Take(start)])));
        int said = taken.Count - start;
        logits.Clear();
        logits[said < bytes.Length ? FirstByte + bytes[said] : End] = 50;
    });

    public static int[] Encode(string text) => [.. Encoding.UTF8.GetBytes(text).Select(value => FirstByte + value)];

    public IReadOnlyList<float[]> Score(IReadOnlyList<ScoringRequest> requests, CancellationToken cancellation) => [.. requests.Select(Score)];

    public IDecodingBatch OpenBatch(DecodingOptions options)
    {
        Assert.InRange(options.MaximumTokens, 1, contextLength);
        return new Batch(this, rule, options);
    }

    public void Dispose()
    {
    }

    private float[] Score(ScoringRequest request)
    {
        Assert.InRange(request.Tokens.Length, 2, contextLength);
        Assert.InRange(request.FirstTarget, 1, request.Tokens.Length - 1);
        int[] tokens = request.Tokens.ToArray();
        float[] scores = new float[tokens.Length - request.FirstTarget];
        float[] logits = new float[vocabularySize];
        for (int target = request.FirstTarget; target < tokens.Length; target++)
        {
            rule(tokens[..target], logits);
            double most = logits.Max();
            scores[target - request.FirstTarget] = (float)(logits[tokens[target]] - most - Math.Log(logits.Sum(logit => Math.Exp(logit - most))));
        }

        Computed += tokens.Length;
        return scores;
    }

    private sealed class Batch(FakeLanguageModel model, Rule rule, DecodingOptions options) : IDecodingBatch
    {
        private readonly Dictionary<int, List<int>> _sequences = [];
        private int _next;
        private bool _disposed;

        public SequenceHandle Add(ReadOnlySpan<int> prompt)
        {
            Assert.False(prompt.IsEmpty);
            model.Computed += prompt.Length - 1;
            return Seat([.. prompt[..^1]]);
        }

        public SequenceHandle Fork(SequenceHandle sequence) => Seat([.. _sequences[sequence.Id]]);

        public void Truncate(SequenceHandle sequence, int length)
        {
            List<int> taken = _sequences[sequence.Id];
            Assert.InRange(length, 0, taken.Count);
            taken.RemoveRange(length, taken.Count - length);
        }

        public void Remove(SequenceHandle sequence) => Assert.True(_sequences.Remove(sequence.Id));

        public void Step(ReadOnlySpan<SequenceInput> inputs, LogitsBuffer logits)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Assert.InRange(inputs.Length, 1, logits.Rows);
            model.Passes++;
            model.Computed += inputs.Length;
            model.WidestPass = Math.Max(model.WidestPass, inputs.Length);
            for (int row = 0; row < inputs.Length; row++)
            {
                List<int> taken = _sequences[inputs[row].Sequence.Id];
                Assert.True(taken.Count < options.MaximumTokens, "a sequence outgrew the batch");
                taken.Add(inputs[row].Token);
                rule(taken, logits.Row(row));
            }
        }

        public void Dispose() => _disposed = true;

        private SequenceHandle Seat(List<int> taken)
        {
            Assert.True(_sequences.Count < options.MaximumSequences, "the batch is full");
            _sequences.Add(_next, taken);
            return new SequenceHandle(_next++);
        }
    }
}
