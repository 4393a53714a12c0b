using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Generation.Decoding;
using Athanor.Generation.Processors;
using Xunit;

namespace Athanor.Tests.Generation;

public sealed class SamplerTests
{
    private static readonly float[] Logits = [0.3f, -1.2f, 2.5f, 1.1f, 0.9f, -3, 1.9f, float.NegativeInfinity, 0.2f, 2.4f];

    public static TheoryData<GenerationSettings> Distributions =>
    [
        new GenerationSettings(),
        new GenerationSettings { Temperature = 2 },
        new GenerationSettings { Temperature = 0.6, TopK = 5 },
        new GenerationSettings { TopP = 0.8, MinP = 0.05 },
    ];

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Draws_follow_the_distribution(GenerationSettings settings)
    {
        const int Draws = 40_000;
        Sampler sampler = new(settings);
        RandomStream random = new RandomStreams(1).Open("draws");
        int[] counts = new int[Logits.Length];
        float[] row = new float[Logits.Length];
        for (int draw = 0; draw < Draws; draw++)
        {
            Logits.CopyTo(row, 0);
            counts[sampler.Next(row, default, random)]++;
        }

        // after the last draw the row holds the processed logits: what the draws must follow
        double logSum = LogitsMath.LogSumExp(row);
        double chiSquare = 0;
        for (int token = 0; token < row.Length; token++)
        {
            double expected = Draws * Math.Exp(row[token] - logSum);
            if (expected == 0)
            {
                Assert.Equal(0, counts[token]);
                continue;
            }

            chiSquare += (counts[token] - expected) * (counts[token] - expected) / expected;
        }

        // 0.999 quantile of chi-square with 8 degrees of freedom, the most that any of the cases has
        Assert.InRange(chiSquare, 0, 26.1);
    }

    [Fact]
    public void A_greedy_choice_is_the_most_probable_token_and_draws_nothing()
    {
        RandomStream random = new RandomStreams(1).Open("draws");
        Assert.Equal(2, new Sampler(GenerationSettings.Greedy).Next([.. Logits], default, random));
        Assert.Equal(0ul, random.Position);
    }

    [Fact]
    public void Of_equal_logits_a_greedy_choice_is_the_first() =>
        Assert.Equal(1, new Sampler(GenerationSettings.Greedy).Next([0, 4, 4], default, new RandomStreams(1).Open("draws")));

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Logits_that_are_no_numbers_are_told(float bad)
    {
        for (int at = 0; at < 40; at += 13)
        {
            float[] row = new float[40];
            row[at] = bad;
            AthanorException fault = Assert.Throws<AthanorException>(() => new Sampler(GenerationSettings.Greedy).Next(row, default, new RandomStreams(1).Open("draws")));
            Assert.Contains("not finite", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_vocabulary_of_which_nothing_is_left_is_told()
    {
        Sampler sampler = new(new GenerationSettings { BadWords = [[0], [1]] });
        Assert.Contains("forbid every token", Assert.Throws<AthanorException>(() => sampler.Next([1, 2], default, new RandomStreams(1).Open("draws"))).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, GenerationSettings> OutOfRange => new()
    {
        { "temperature", new GenerationSettings { Temperature = -1 } },
        { "temperature", new GenerationSettings { Temperature = double.NaN } },
        { "top-k", new GenerationSettings { TopK = -1 } },
        { "top-p", new GenerationSettings { TopP = -0.1 } },
        { "min-p", new GenerationSettings { MinP = 1.5 } },
        { "repetition penalty", new GenerationSettings { RepetitionPenalty = 0 } },
        { "maximum tokens", new GenerationSettings { MaximumTokens = 0 } },
        { "samples", new GenerationSettings { Samples = 0 } },
        { "stop string", new GenerationSettings { StopStrings = [""] } },
        { "forbidden sequence", new GenerationSettings { BadWords = [[]] } },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void A_setting_out_of_range_is_refused_by_name(string name, GenerationSettings settings) =>
        Assert.Contains(name, Assert.Throws<AthanorException>(() => new Sampler(settings)).Message, StringComparison.Ordinal);

    [Fact]
    public void Extreme_settings_in_range_still_give_a_token()
    {
        foreach (GenerationSettings settings in (GenerationSettings[])
            [
                new() { Temperature = GenerationSettings.SmallestTemperature }, new() { Temperature = 100 }, new() { TopP = 0 }, new() { TopP = double.Epsilon }, new() { TypicalP = 0 }, new() { MinP = 1 },
                new() { TypicalP = 1e-300 }, new() { EtaCutoff = 1e-300 }, new() { TopK = int.MaxValue }, new() { EpsilonCutoff = 0.999999 },
            ])
        {
            float[] row = [-30, 30, 29, 0];
            Assert.InRange(new Sampler(settings).Next(row, default, new RandomStreams(5).Open("draws")), 0, 3);
        }
    }
}
