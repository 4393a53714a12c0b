using Athanor.Core.Randomness;
using Athanor.Models.Specifications;

namespace Athanor.Tests.Models;

/// <summary>Small random specifications that a family can store, with every feature.</summary>
internal static class RandomSpecs
{
    public static TransformerSpec Draw(int index)
    {
        RandomStream random = new RandomStreams(8).Open("tests/specification", index);
        return random.NextInt32(4) == 0 ? Gpt2(random) : Llama(random);
    }

    private static TransformerSpec Llama(RandomStream random)
    {
        int keyValueHeads = 1 + random.NextInt32(3);
        bool sliding = random.NextInt32(4) == 0;
        bool attentionBias = !sliding && random.NextInt32(3) == 0;
        NormSpec norm = new(NormKind.Rms, random.NextInt32(2) == 0 ? 1e-5 : 1e-6);
        LayerSpec layer = new()
        {
            AttentionNorm = norm,
            Attention = new AttentionSpec
            {
                Heads = keyValueHeads * (1 + random.NextInt32(3)),
                KeyValueHeads = keyValueHeads,
                HeadSize = 2 * (1 + random.NextInt32(6)),
                InputBias = attentionBias,
                OutputBias = attentionBias,
                SlidingWindow = sliding ? 1 + random.NextInt32(9) : null,
            },
            FeedForwardNorm = norm,
            FeedForward = new FeedForwardSpec { Kind = FeedForwardKind.Gated, Activation = (Activation)random.NextInt32(4), Size = 3 + random.NextInt32(40), Bias = !sliding && random.NextInt32(3) == 0 },
        };
        return new TransformerSpec
        {
            VocabularySize = 11 + random.NextInt32(60),
            ContextLength = 48,
            Width = 4 + random.NextInt32(30),
            Positions = new RotaryPositions(random.NextInt32(2) == 0 ? 10_000 : 500_000, random.NextInt32(3) switch
            {
                0 => new LinearScaling(2.5),
                1 => new Llama3Scaling(8, 1, 4, 16),
                _ => null,
            }),
            Layers = [.. Enumerable.Repeat(layer, 1 + random.NextInt32(3))],
            FinalNorm = norm,
            TiedHead = random.NextInt32(2) == 0,
            InitializerRange = 0.3,
        };
    }

    private static TransformerSpec Gpt2(RandomStream random)
    {
        int heads = 1 + random.NextInt32(4);
        int headSize = 1 + random.NextInt32(9);
        NormSpec norm = new(NormKind.Layer, 1e-5);
        LayerSpec layer = new()
        {
            AttentionNorm = norm,
            Attention = new AttentionSpec { Heads = heads, KeyValueHeads = heads, HeadSize = headSize, InputBias = true, OutputBias = true },
            FeedForwardNorm = norm,
            FeedForward = new FeedForwardSpec { Kind = FeedForwardKind.Plain, Activation = (Activation)random.NextInt32(4), Size = 3 + random.NextInt32(40), Bias = true },
        };
        return new TransformerSpec
        {
            VocabularySize = 11 + random.NextInt32(60),
            ContextLength = 48,
            Width = heads * headSize,
            Positions = new LearnedPositions(),
            Layers = [.. Enumerable.Repeat(layer, 1 + random.NextInt32(3))],
            FinalNorm = norm,
            TiedHead = random.NextInt32(2) == 0,
            InitializerRange = 0.3,
        };
    }
}
