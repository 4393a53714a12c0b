using Athanor.Core.Randomness;
using Athanor.Generation.Processors;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Athanor.Tests.Generation;

public sealed class LogitsProcessorTests
{
    private static readonly Func<ILogitsProcessor>[] Truncations =
    [
        () => new TopK(7), () => new TopP(0.8), () => new TopP(1e-6), () => new TopP(0), () => new MinP(0.1), () => new Typical(0.6), () => new EpsilonCutoff(0.02), () => new EtaCutoff(0.01),
    ];

    private static readonly Func<ILogitsProcessor>[] Others =
    [
        () => new Temperature(0.7), () => new RepetitionPenalty(1.3), () => new PresenceFrequencyPenalty(0.5, 0.2), () => new NoRepeatNgram(2), () => new BadWords([[3], [1, 2]]),
        () => new MinimumLength(1000, [4]), () => new MinimumNewTokens(1000, [5]), () => new LoopGuard(),
    ];

    [Fact]
    public void What_was_removed_stays_removed_and_probabilities_sum_to_one() => Check.QuickThrowOnFailure(Prop.ForAll(Rows(), row =>
    {
        foreach (Func<ILogitsProcessor> create in Truncations.Concat(Others))
        {
            float[] after = Processed(create(), row.Logits, row.Context);
            Assert.All(Enumerable.Range(0, after.Length).Where(token => row.Logits[token] == LogitsMath.Removed), token => Assert.Equal(LogitsMath.Removed, after[token]));
            Assert.Equal(1, Probabilities(after).Sum(), 9);
        }
    }));

    [Fact]
    public void A_truncation_keeps_the_most_probable_token_and_leaves_what_it_keeps_unchanged() => Check.QuickThrowOnFailure(Prop.ForAll(Rows(), row =>
    {
        foreach (Func<ILogitsProcessor> create in Truncations)
        {
            float[] after = Processed(create(), row.Logits, row.Context);
            // typical sampling may drop the most probable token: that is its point
            if (create() is not Typical)
            {
                Assert.Equal(row.Logits.Max(), after.Max());
            }

            Assert.All(Enumerable.Range(0, after.Length), token => Assert.True(after[token] == row.Logits[token] || after[token] == LogitsMath.Removed));
        }
    }));

    [Fact]
    public void Top_p_keeps_the_shortest_head_that_reaches_p() => Check.QuickThrowOnFailure(Prop.ForAll(Rows(), row =>
    {
        double[] before = Probabilities(row.Logits);
        float[] after = Processed(new TopP(0.7), row.Logits, row.Context);
        double[] kept = [.. Enumerable.Range(0, after.Length).Where(token => after[token] != LogitsMath.Removed).Select(token => before[token])];
        Assert.True(kept.Sum() >= 0.7 - 1e-9);
        Assert.True(kept.Sum() - kept.Min() < 0.7 + 1e-9);
        Assert.All(Enumerable.Range(0, after.Length).Where(token => after[token] == LogitsMath.Removed), token => Assert.True(before[token] <= kept.Min()));
    }));

    [Fact]
    public void Top_k_keeps_what_sorting_would_keep() => Check.QuickThrowOnFailure(Prop.ForAll(Rows(), row =>
    {
        float border = row.Logits.OrderDescending().ElementAt(6);
        float[] after = Processed(new TopK(7), row.Logits, row.Context);
        Assert.All(Enumerable.Range(0, after.Length), token => Assert.Equal(row.Logits[token] >= border ? row.Logits[token] : LogitsMath.Removed, after[token]));
    }));

    [Fact]
    public void Top_k_keeps_ties_with_the_kth()
    {
        Assert.Equal([1, LogitsMath.Removed, 1, 2, 1], Processed(new TopK(2), [1, 0, 1, 2, 1], []));
    }

    [Fact]
    public void Of_equally_probable_tokens_top_p_keeps_the_first()
    {
        Assert.Equal([0, 0, LogitsMath.Removed, LogitsMath.Removed], Processed(new TopP(0.5), [0, 0, 0, 0], []));
    }

    [Fact]
    public void Of_a_flat_distribution_top_p_of_nothing_keeps_one_token()
    {
        for (int length = 2; length < 300; length++)
        {
            float[] logits = new float[length];
            logits.AsSpan().Fill(length * 0.37f);
            Assert.Equal(1, Processed(new TopP(0), logits, []).Count(logit => logit != LogitsMath.Removed));
        }
    }

    [Theory]
    [InlineData(new[] { 9, 9, 9, 9, 9, 9, 9 }, 9)]
    [InlineData(new[] { 1, 2, 1, 2, 1, 2, 1 }, 2)]
    [InlineData(new[] { 0, 3, 4, 5, 3, 4, 5, 3, 4 }, 5)]
    public void A_third_copy_of_a_block_is_not_completed(int[] answer, int removed)
    {
        float[] after = Processed(new LoopGuard(), new float[10], [7, 7, .. answer], promptLength: 2);
        Assert.Equal([removed], Enumerable.Range(0, 10).Where(token => after[token] == LogitsMath.Removed));
    }

    [Theory]
    [InlineData(new[] { 9, 9, 9, 9, 9, 9 })]
    [InlineData(new[] { 3, 4, 5, 3, 4, 5, 3 })]
    [InlineData(new[] { 7, 8, 15, 6, 15, 3, 12, 6, 12, 9, 21, 6 })]
    public void Repetition_short_of_a_loop_is_left_alone(int[] answer)
    {
        Assert.DoesNotContain(LogitsMath.Removed, Processed(new LoopGuard(), new float[30], [9, 9, 9, 9, .. answer], promptLength: 4));
    }

    [Fact]
    public void A_penalty_on_the_answer_leaves_the_words_of_the_question_alone()
    {
        Assert.Equal([2, 1, 2], Processed(new RepetitionPenalty(2, TokenScope.Answer), [2, 2, 2], [0, 2, 1], promptLength: 2));
    }

    [Fact]
    public void Tokens_outside_the_vocabulary_are_passed_over()
    {
        foreach (Func<ILogitsProcessor> create in Truncations.Concat(Others).Append(() => new BadWords([[70]])))
        {
            Processed(create(), new float[8], [70, -1, 70, -1, 70]);
        }
    }

    [Fact]
    public void Nothing_is_allocated_once_a_processor_is_warm()
    {
        float[] logits = Row(new RandomStreams(3).Open("logits"), 2000);
        float[] work = new float[logits.Length];
        int[] context = [.. Enumerable.Range(0, 50).Select(i => i % 7)];
        ILogitsProcessor[] processors = [.. Truncations.Concat(Others).Select(create => create())];
        long allocated = 0;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (ILogitsProcessor processor in processors)
            {
                logits.CopyTo(work, 0);
                processor.Process(work, new DecodingContext(context, 10));
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    private static float[] Processed(ILogitsProcessor processor, float[] logits, int[] context, int promptLength = 0)
    {
        float[] copy = [.. logits];
        processor.Process(copy, new DecodingContext(context, promptLength));
        return copy;
    }

    private static double[] Probabilities(float[] logits)
    {
        double logSum = LogitsMath.LogSumExp(logits);
        return [.. logits.Select(logit => Math.Exp(logit - logSum))];
    }

    private static float[] Row(RandomStream random, int length) => [.. Enumerable.Range(0, length).Select(_ => (float)(3 * random.NextGaussian()))];

    // rows of 20 to 60 logits, a fifth of them removed already but at least ten left, and contexts of few distinct tokens, so that n-grams repeat
    private static Arbitrary<(float[] Logits, int[] Context)> Rows() => Gen.Choose(0, int.MaxValue).Select(seed =>
    {
        RandomStream random = new RandomStreams(seed).Open("row");
        float[] logits = Row(random, 20 + random.NextInt32(41));
        for (int token = 10; token < logits.Length; token++)
        {
            logits[token] = random.NextInt32(5) == 0 ? LogitsMath.Removed : logits[token];
        }

        int[] context = [.. Enumerable.Range(0, random.NextInt32(30)).Select(_ => random.NextInt32(6))];
        return (logits, context);
    }).ToArbitrary();
}
