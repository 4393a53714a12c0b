namespace Athanor.Models.Specifications;

/// <summary>
/// What a decoder-only transformer is, in the field's words: sizes, positions, a layer at a time, head. It says nothing of how the model is stored
/// (<see cref="Families.ModelFamily"/>), what its weights are (<see cref="ModelPlan"/>) or what computes it (an executor).
/// </summary>
public sealed record TransformerSpec
{
    /// <summary>How many token ids there are.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>The longest sequence, in tokens.</summary>
    public required int ContextLength { get; init; }

    /// <summary>The width of the residual stream.</summary>
    public required int Width { get; init; }

    /// <summary>How positions enter.</summary>
    public required PositionSpec Positions { get; init; }

    /// <summary>The layers from the bottom up.</summary>
    public required IReadOnlyList<LayerSpec> Layers { get; init; }

    /// <summary>The norm before the head.</summary>
    public required NormSpec FinalNorm { get; init; }

    /// <summary>Whether the head's matrix is the embedding (Press and Wolf 2017).</summary>
    public required bool TiedHead { get; init; }

    /// <summary>The standard deviation that fresh matrices are drawn with.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>A decoder as LLaMA has it (Touvron et al. 2023): RMSNorm before each part, rotary positions, grouped queries, SwiGLU, no biases.</summary>
    /// <param name="vocabularySize">How many token ids there are.</param>
    /// <param name="contextLength">The longest sequence.</param>
    /// <param name="width">The width of the residual stream.</param>
    /// <param name="layers">How many layers.</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="keyValueHeads">Key and value heads; a divisor of <paramref name="heads"/>.</param>
    /// <param name="headSize">The width of a head.</param>
    /// <param name="feedForwardSize">The width between the feed-forward's matrices.</param>
    /// <param name="tiedHead">Whether the head's matrix is the embedding.</param>
    /// <param name="theta">The base of the rotary wavelengths.</param>
    public static TransformerSpec Llama(int vocabularySize, int contextLength, int width, int layers, int heads, int keyValueHeads, int headSize, int feedForwardSize, bool tiedHead, double theta = 10_000)
    {
        NormSpec norm = new(NormKind.Rms, 1e-5);
        LayerSpec layer = new()
        {
            AttentionNorm = norm,
            Attention = new AttentionSpec { Heads = heads, KeyValueHeads = keyValueHeads, HeadSize = headSize },
            FeedForwardNorm = norm,
            FeedForward = new FeedForwardSpec { Kind = FeedForwardKind.Gated, Activation = Activation.Silu, Size = feedForwardSize },
        };
        return new TransformerSpec
        {
            VocabularySize = vocabularySize,
            ContextLength = contextLength,
            Width = width,
            Positions = new RotaryPositions(theta),
            Layers = [.. Enumerable.Repeat(layer, layers)],
            FinalNorm = norm,
            TiedHead = tiedHead,
        };
    }

    /// <summary>What is impossible in this specification, one sentence each; empty for a sound one.</summary>
    public IReadOnlyList<string> Faults()
    {
        List<string> faults = [];
        Check(VocabularySize is > 0 and <= 1 << 24, $"the vocabulary size {VocabularySize} is not between 1 and {1 << 24}");
        Check(ContextLength is > 0 and <= 1 << 26, $"the context length {ContextLength} is not between 1 and {1 << 26}");
        Check(Width is > 0 and <= 1 << 20, $"the width {Width} is not between 1 and {1 << 20}");
        Check(Layers.Count is > 0 and <= 4096, $"the number of layers {Layers.Count} is not between 1 and 4096");
        Check(FinalNorm.Epsilon is >= 0 and < 1, $"the norm's epsilon {FinalNorm.Epsilon} is not between 0 and 1");
        foreach (LayerSpec layer in Layers.Distinct())
        {
            AttentionSpec attention = layer.Attention;
            Check(attention.Heads is > 0 and <= 1 << 14, $"the number of heads {attention.Heads} is not between 1 and {1 << 14}");
            Check(attention.KeyValueHeads > 0 && attention.Heads % Math.Max(1, attention.KeyValueHeads) == 0, $"{attention.Heads} heads cannot share {attention.KeyValueHeads} key and value heads evenly");
            Check(attention.HeadSize is > 0 and <= 1 << 14, $"the head size {attention.HeadSize} is not between 1 and {1 << 14}");
            Check(Positions is not RotaryPositions || attention.HeadSize % 2 == 0, $"the head size {attention.HeadSize} is odd, which rotary positions cannot turn");
            Check(attention.SlidingWindow is null or > 0, $"the sliding window {attention.SlidingWindow} is not positive");
            Check(layer.FeedForward.Size is > 0 and <= 1 << 22, $"the feed-forward size {layer.FeedForward.Size} is not between 1 and {1 << 22}");
        }

        if (Positions is RotaryPositions rotary)
        {
            Check(rotary.Theta > 0 && double.IsFinite(rotary.Theta), $"the rotary base {rotary.Theta} is not positive");
            Check(rotary.Scaling is not { } scaling || (scaling.Factor > 0 && double.IsFinite(scaling.Factor)), "the rotary scaling's factor is not positive");
            Check(rotary.Scaling is not Llama3Scaling llama3 || (llama3.HighFrequencyFactor > llama3.LowFrequencyFactor && llama3.OriginalContextLength > 0), "the rotary scaling's frequency factors are not in order");
        }

        return faults;

        void Check(bool sound, string fault)
        {
            if (!sound)
            {
                faults.Add(fault);
            }
        }
    }

    /// <inheritdoc/>
    public bool Equals(TransformerSpec? other) =>
        other is not null && VocabularySize == other.VocabularySize && ContextLength == other.ContextLength && Width == other.Width && Positions == other.Positions
        && Layers.SequenceEqual(other.Layers) && FinalNorm == other.FinalNorm && TiedHead == other.TiedHead && InitializerRange.Equals(other.InitializerRange);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(VocabularySize, ContextLength, Width, Positions, Layers.Count, FinalNorm, TiedHead);
}
