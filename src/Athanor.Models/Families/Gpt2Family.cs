using System.Text.Json.Nodes;
using Athanor.Models.Specifications;

namespace Athanor.Models.Families;

/// <summary>GPT-2 (Radford et al. 2019): learned positions, LayerNorm, plain feed-forward, biases everywhere; matrices stored as [in, out] ("Conv1D").</summary>
internal sealed class Gpt2Family : ModelFamily
{
    public override IReadOnlyList<string> ModelTypes { get; } = ["gpt2"];

    public override TransformerSpec ReadConfig(ConfigReader config)
    {
        int width = config.Integer("n_embd");
        int heads = config.Integer("n_head");
        int layers = config.Integer("n_layer");
        if (layers is < 1 or > 4096 || heads < 1 || width is < 1 or > 1 << 20 || width % heads != 0)
        {
            throw config.Fault($"has {layers} layers of {heads} heads in a width of {width}");
        }

        if (config.Boolean("scale_attn_by_inverse_layer_idx", false) || !config.Boolean("scale_attn_weights", true) || config.Boolean("add_cross_attention", false))
        {
            throw config.Fault("scales attention in another way than by the head's size, or attends to an encoder, which is not known");
        }

        NormSpec norm = new(NormKind.Layer, config.OptionalNumber("layer_norm_epsilon") ?? 1e-5);
        LayerSpec layer = new()
        {
            AttentionNorm = norm,
            Attention = new AttentionSpec { Heads = heads, KeyValueHeads = heads, HeadSize = width / heads, InputBias = true, OutputBias = true },
            FeedForwardNorm = norm,
            FeedForward = new FeedForwardSpec
            {
                Kind = FeedForwardKind.Plain,
                Activation = config.Activation("activation_function", "gelu_new"),
                Size = config.OptionalInteger("n_inner") ?? checked(4 * width),
                Bias = true,
            },
        };
        return new TransformerSpec
        {
            VocabularySize = config.Integer("vocab_size"),
            ContextLength = config.OptionalInteger("n_positions") ?? config.OptionalInteger("n_ctx") ?? 1024,
            Width = width,
            Positions = new LearnedPositions(),
            Layers = [.. Enumerable.Repeat(layer, layers)],
            FinalNorm = norm,
            TiedHead = config.Boolean("tie_word_embeddings", true),
            InitializerRange = config.OptionalNumber("initializer_range") ?? 0.02,
        };
    }

    public override string? WhyNot(TransformerSpec spec)
    {
        LayerSpec layer = spec.Layers[0];
        AttentionSpec attention = layer.Attention;
        return spec switch
        {
            _ when spec.Layers.Any(other => other != layer) => "its layers differ",
            { Positions: not LearnedPositions } => "its positions are not learned",
            _ when layer.AttentionNorm != spec.FinalNorm || layer.FeedForwardNorm != spec.FinalNorm || spec.FinalNorm.Kind != NormKind.Layer => "its norms are not LayerNorm everywhere",
            _ when attention.KeyValueHeads != attention.Heads || attention.HeadSize * attention.Heads != spec.Width || attention.SlidingWindow is not null => "its attention is not plain multi-head",
            _ when !attention.InputBias || !attention.OutputBias || !layer.FeedForward.Bias => "it lacks biases",
            _ when layer.FeedForward.Kind != FeedForwardKind.Plain => "its feed-forward is gated",
            _ => null,
        };
    }

    public override JsonObject WriteConfig(TransformerSpec spec)
    {
        LayerSpec layer = spec.Layers[0];
        return new JsonObject
        {
            ["architectures"] = new JsonArray("GPT2LMHeadModel"),
            ["model_type"] = "gpt2",
            ["vocab_size"] = spec.VocabularySize,
            ["n_positions"] = spec.ContextLength,
            ["n_ctx"] = spec.ContextLength,
            ["n_embd"] = spec.Width,
            ["n_layer"] = spec.Layers.Count,
            ["n_head"] = layer.Attention.Heads,
            ["n_inner"] = layer.FeedForward.Size,
            ["activation_function"] = layer.FeedForward.Activation == Activation.GeluTanh ? "gelu_new" : ConfigReader.NameOf(layer.FeedForward.Activation),
            ["layer_norm_epsilon"] = spec.FinalNorm.Epsilon,
            ["scale_attn_weights"] = true,
            ["scale_attn_by_inverse_layer_idx"] = false,
            ["tie_word_embeddings"] = spec.TiedHead,
            ["initializer_range"] = spec.InitializerRange,
        };
    }

    public override IReadOnlyList<PublishedWeight> PublishedWeights(TransformerSpec spec)
    {
        List<PublishedWeight> weights = [new("wte.weight", ["embedding.weight"]), new("wpe.weight", ["positions.weight"])];
        for (int i = 0; i < spec.Layers.Count; i++)
        {
            void Add(string published, bool matrix, params string[] canonical)
            {
                weights.Add(new PublishedWeight($"h.{i}.{published}.weight", [.. canonical.Select(name => $"layers.{i}.{name}.weight")], Transposed: matrix));
                weights.Add(new PublishedWeight($"h.{i}.{published}.bias", [.. canonical.Select(name => $"layers.{i}.{name}.bias")]));
            }

            Add("ln_1", false, "attention_norm");
            Add("attn.c_attn", true, "attention.query", "attention.key", "attention.value");
            Add("attn.c_proj", true, "attention.output");
            Add("ln_2", false, "feed_forward_norm");
            Add("mlp.c_fc", true, "feed_forward.up");
            Add("mlp.c_proj", true, "feed_forward.down");
        }

        weights.Add(new PublishedWeight("ln_f.weight", ["final_norm.weight"]));
        weights.Add(new PublishedWeight("ln_f.bias", ["final_norm.bias"]));
        List<PublishedWeight> named = [.. weights.Select(weight => weight with { Name = $"transformer.{weight.Name}" })];
        if (!spec.TiedHead)
        {
            named.Add(new PublishedWeight("lm_head.weight", ["head.weight"]));
        }

        return named;
    }

    // The oldest checkpoints lack the prefix, and hold the causal mask as a buffer.
    public override string? NameOf(string tensor, TransformerSpec spec)
    {
        if (tensor == "lm_head.weight")
        {
            return spec.TiedHead ? null : tensor;
        }

        return tensor.EndsWith(".attn.bias", StringComparison.Ordinal) || tensor.EndsWith(".attn.masked_bias", StringComparison.Ordinal) ? null
            : tensor.StartsWith("transformer.", StringComparison.Ordinal) ? tensor
            : $"transformer.{tensor}";
    }
}
