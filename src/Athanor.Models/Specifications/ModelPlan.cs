namespace Athanor.Models.Specifications;

/// <summary>
/// A specification spelled out: every weight with its canonical name, shape and initialiser. Parameters, FLOPs, memory and cache are sums over it.
/// Names: <c>embedding.weight</c>, <c>positions.weight</c>, <c>layers.N.attention_norm</c>, <c>layers.N.attention.{query,key,value,output}</c>,
/// <c>layers.N.feed_forward_norm</c>, <c>layers.N.feed_forward.{gate,up,down}</c>, <c>final_norm</c>, <c>head.weight</c>, each with <c>.weight</c> and, where it has one, <c>.bias</c>.
/// </summary>
public sealed class ModelPlan
{
    private readonly Dictionary<string, PlannedWeight> _byName;

    private ModelPlan(TransformerSpec spec, IReadOnlyList<PlannedWeight> weights)
    {
        Spec = spec;
        Weights = weights;
        _byName = weights.ToDictionary(weight => weight.Name);
    }

    /// <summary>What it was made from.</summary>
    public TransformerSpec Spec { get; }

    /// <summary>Every weight, from the embedding up.</summary>
    public IReadOnlyList<PlannedWeight> Weights { get; }

    /// <summary>A weight by its canonical name.</summary>
    public PlannedWeight this[string name] => _byName[name];

    /// <summary>Whether there is a weight of that name.</summary>
    public bool Has(string name) => _byName.ContainsKey(name);

    /// <summary>How many parameters there are.</summary>
    public long Parameters => Weights.Sum(weight => weight.Count);

    /// <summary>Parameters by part, in the order of <see cref="ModelPart"/>.</summary>
    public IReadOnlyList<(ModelPart Part, long Parameters)> ParametersByPart =>
        [.. Weights.GroupBy(weight => weight.Part).OrderBy(group => group.Key).Select(group => (group.Key, group.Sum(weight => weight.Count)))];

    /// <summary>How many parameters each token is multiplied with: matrices, a tied head once, look-ups never.</summary>
    public long MultipliedParameters =>
        Weights.Where(weight => weight.Shape.Count == 2 && weight.Part is not (ModelPart.Embedding or ModelPart.Positions)).Sum(weight => weight.Count)
        + (Spec.TiedHead ? (long)Spec.VocabularySize * Spec.Width : 0);

    /// <summary>
    /// Floating-point operations to train on one token: 6·N + 6·Σ(attention width)·sequence, N the <see cref="MultipliedParameters"/> (Kaplan et al. 2020, section 2.1; the
    /// causal half of the attention scores, forward once and backward twice).
    /// </summary>
    /// <param name="sequenceLength">How long the sequences are.</param>
    public double TrainingFlopPerToken(int sequenceLength) => (6.0 * MultipliedParameters) + (6.0 * Spec.Layers.Sum(layer => (double)layer.Attention.Heads * layer.Attention.HeadSize * Math.Min(sequenceLength, layer.Attention.SlidingWindow ?? sequenceLength)));

    /// <summary>Floating-point operations to read one token: a third of <see cref="TrainingFlopPerToken"/>.</summary>
    /// <param name="sequenceLength">How long the sequences are.</param>
    public double ForwardFlopPerToken(int sequenceLength) => TrainingFlopPerToken(sequenceLength) / 3;

    /// <summary>Bytes the keys and values of one token take in the cache.</summary>
    /// <param name="bytesPerNumber">4 in fp32, 2 in bf16.</param>
    public long CacheBytesPerToken(int bytesPerNumber) => Spec.Layers.Sum(layer => 2L * layer.Attention.KeyValueHeads * layer.Attention.HeadSize * bytesPerNumber);

    /// <summary>Bytes the weights take.</summary>
    /// <param name="bytesPerNumber">4 in fp32, 2 in bf16.</param>
    public long WeightBytes(int bytesPerNumber) => Parameters * bytesPerNumber;

    /// <summary>Bytes of weights, gradients and two optimizer moments in fp32, without activations: 16 a parameter.</summary>
    public long TrainingStateBytes => Parameters * 16;

    /// <summary>Spells a specification out.</summary>
    /// <exception cref="ArgumentException">The specification is impossible; see <see cref="TransformerSpec.Faults"/>.</exception>
    public static ModelPlan From(TransformerSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Faults() is [string fault, ..])
        {
            throw new ArgumentException($"the specification is impossible: {fault}", nameof(spec));
        }

        List<PlannedWeight> weights = [];
        // GPT-2 (Radford et al. 2019, section 2.3): what is added to the residual stream is scaled by 1/√(number of additions)
        Initializer matrix = new(0, spec.InitializerRange);
        Initializer residual = new(0, spec.InitializerRange / Math.Sqrt(2.0 * spec.Layers.Count));

        void Matrix(string name, long rows, long columns, ModelPart part, Initializer initializer) => weights.Add(new PlannedWeight($"{name}.weight", [rows, columns], part, initializer));

        void Linear(string name, long rows, long columns, ModelPart part, bool bias, Initializer initializer)
        {
            Matrix(name, rows, columns, part, initializer);
            if (bias)
            {
                weights.Add(new PlannedWeight($"{name}.bias", [rows], part, new Initializer(0, 0)));
            }
        }

        void Norm(string name, NormSpec norm)
        {
            weights.Add(new PlannedWeight($"{name}.weight", [spec.Width], ModelPart.Norms, new Initializer(1, 0)));
            if (norm.Kind == NormKind.Layer)
            {
                weights.Add(new PlannedWeight($"{name}.bias", [spec.Width], ModelPart.Norms, new Initializer(0, 0)));
            }
        }

        Matrix("embedding", spec.VocabularySize, spec.Width, ModelPart.Embedding, matrix);
        if (spec.Positions is LearnedPositions)
        {
            Matrix("positions", spec.ContextLength, spec.Width, ModelPart.Positions, matrix);
        }

        for (int i = 0; i < spec.Layers.Count; i++)
        {
            LayerSpec layer = spec.Layers[i];
            AttentionSpec attention = layer.Attention;
            FeedForwardSpec feedForward = layer.FeedForward;
            Norm($"layers.{i}.attention_norm", layer.AttentionNorm);
            Linear($"layers.{i}.attention.query", attention.Heads * attention.HeadSize, spec.Width, ModelPart.Attention, attention.InputBias, matrix);
            Linear($"layers.{i}.attention.key", attention.KeyValueHeads * attention.HeadSize, spec.Width, ModelPart.Attention, attention.InputBias, matrix);
            Linear($"layers.{i}.attention.value", attention.KeyValueHeads * attention.HeadSize, spec.Width, ModelPart.Attention, attention.InputBias, matrix);
            Linear($"layers.{i}.attention.output", spec.Width, attention.Heads * attention.HeadSize, ModelPart.Attention, attention.OutputBias, residual);
            Norm($"layers.{i}.feed_forward_norm", layer.FeedForwardNorm);
            if (feedForward.Kind == FeedForwardKind.Gated)
            {
                Linear($"layers.{i}.feed_forward.gate", feedForward.Size, spec.Width, ModelPart.FeedForward, feedForward.Bias, matrix);
            }

            Linear($"layers.{i}.feed_forward.up", feedForward.Size, spec.Width, ModelPart.FeedForward, feedForward.Bias, matrix);
            Linear($"layers.{i}.feed_forward.down", spec.Width, feedForward.Size, ModelPart.FeedForward, feedForward.Bias, residual);
        }

        Norm("final_norm", spec.FinalNorm);
        if (!spec.TiedHead)
        {
            Matrix("head", spec.VocabularySize, spec.Width, ModelPart.Head, matrix);
        }

        return new ModelPlan(spec, weights);
    }
}
