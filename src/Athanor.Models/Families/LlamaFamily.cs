using System.Text.Json.Nodes;
using Athanor.Models.Specifications;

namespace Athanor.Models.Families;

/// <summary>LLaMA (Touvron et al. 2023) and Mistral (Jiang et al. 2023), which is LLaMA with a sliding window and without biases.</summary>
internal sealed class LlamaFamily : ModelFamily
{
    public override IReadOnlyList<string> ModelTypes { get; } = ["llama", "mistral"];

    public override TransformerSpec ReadConfig(ConfigReader config)
    {
        bool mistral = config.Text("model_type") == "mistral";
        int width = config.Integer("hidden_size");
        int heads = config.Integer("num_attention_heads");
        int layers = config.Integer("num_hidden_layers");
        if (layers is < 1 or > 4096 || heads < 1)
        {
            throw config.Fault($"has {layers} layers of {heads} heads");
        }

        bool attentionBias = config.Boolean("attention_bias", false);
        NormSpec norm = new(NormKind.Rms, config.OptionalNumber("rms_norm_eps") ?? 1e-6);
        LayerSpec layer = new()
        {
            AttentionNorm = norm,
            Attention = new AttentionSpec
            {
                Heads = heads,
                KeyValueHeads = config.OptionalInteger("num_key_value_heads") ?? (mistral ? 8 : heads),
                HeadSize = config.OptionalInteger("head_dim") ?? width / heads,
                InputBias = attentionBias,
                OutputBias = attentionBias,
                SlidingWindow = mistral ? config.OptionalInteger("sliding_window") : null,
            },
            FeedForwardNorm = norm,
            FeedForward = new FeedForwardSpec
            {
                Kind = FeedForwardKind.Gated,
                Activation = config.Activation("hidden_act", "silu"),
                Size = config.Integer("intermediate_size"),
                Bias = config.Boolean("mlp_bias", false),
            },
        };
        return new TransformerSpec
        {
            VocabularySize = config.Integer("vocab_size"),
            ContextLength = config.OptionalInteger("max_position_embeddings") ?? 2048,
            Width = width,
            Positions = ReadRotary(config),
            Layers = [.. Enumerable.Repeat(layer, layers)],
            FinalNorm = norm,
            TiedHead = config.Boolean("tie_word_embeddings", false),
            InitializerRange = config.OptionalNumber("initializer_range") ?? 0.02,
        };
    }

    public override string? WhyNot(TransformerSpec spec)
    {
        LayerSpec layer = spec.Layers[0];
        return spec switch
        {
            _ when spec.Layers.Any(other => other != layer) => "its layers differ",
            { Positions: not RotaryPositions } => "its positions are not rotary",
            _ when layer.AttentionNorm != spec.FinalNorm || layer.FeedForwardNorm != spec.FinalNorm => "its norms differ",
            { FinalNorm.Kind: not NormKind.Rms } => "its norms are no RMSNorm",
            _ when layer.FeedForward.Kind != FeedForwardKind.Gated => "its feed-forward is not gated",
            _ when layer.Attention.InputBias != layer.Attention.OutputBias => "only a part of attention has biases",
            _ when layer.Attention.SlidingWindow is not null && (layer.Attention.InputBias || layer.FeedForward.Bias) => "it has both a sliding window and biases",
            _ => null,
        };
    }

    public override JsonObject WriteConfig(TransformerSpec spec)
    {
        LayerSpec layer = spec.Layers[0];
        RotaryPositions rotary = (RotaryPositions)spec.Positions;
        bool mistral = layer.Attention.SlidingWindow is not null;
        JsonObject config = new()
        {
            ["architectures"] = new JsonArray(mistral ? "MistralForCausalLM" : "LlamaForCausalLM"),
            ["model_type"] = mistral ? "mistral" : "llama",
            ["vocab_size"] = spec.VocabularySize,
            ["max_position_embeddings"] = spec.ContextLength,
            ["hidden_size"] = spec.Width,
            ["intermediate_size"] = layer.FeedForward.Size,
            ["num_hidden_layers"] = spec.Layers.Count,
            ["num_attention_heads"] = layer.Attention.Heads,
            ["num_key_value_heads"] = layer.Attention.KeyValueHeads,
            ["head_dim"] = layer.Attention.HeadSize,
            ["hidden_act"] = ConfigReader.NameOf(layer.FeedForward.Activation),
            ["rms_norm_eps"] = spec.FinalNorm.Epsilon,
            ["rope_theta"] = rotary.Theta,
            ["attention_bias"] = layer.Attention.InputBias,
            ["mlp_bias"] = layer.FeedForward.Bias,
            ["attention_dropout"] = 0.0,
            ["tie_word_embeddings"] = spec.TiedHead,
            ["initializer_range"] = spec.InitializerRange,
            ["use_cache"] = true,
        };
        if (layer.Attention.SlidingWindow is { } window)
        {
            config["sliding_window"] = window;
        }

        config["rope_scaling"] = rotary.Scaling switch
        {
            LinearScaling linear => new JsonObject { ["rope_type"] = "linear", ["type"] = "linear", ["factor"] = linear.Factor },
            Llama3Scaling llama3 => new JsonObject
            {
                ["rope_type"] = "llama3",
                ["factor"] = llama3.Factor,
                ["low_freq_factor"] = llama3.LowFrequencyFactor,
                ["high_freq_factor"] = llama3.HighFrequencyFactor,
                ["original_max_position_embeddings"] = llama3.OriginalContextLength,
            },
            _ => null,
        };
        return config;
    }

    public override IReadOnlyList<PublishedWeight> PublishedWeights(TransformerSpec spec)
    {
        List<PublishedWeight> weights = [new("model.embed_tokens.weight", ["embedding.weight"])];
        for (int i = 0; i < spec.Layers.Count; i++)
        {
            void Add(string published, string canonical, bool bias = false)
            {
                weights.Add(new PublishedWeight($"model.layers.{i}.{published}.weight", [$"layers.{i}.{canonical}.weight"]));
                if (bias)
                {
                    weights.Add(new PublishedWeight($"model.layers.{i}.{published}.bias", [$"layers.{i}.{canonical}.bias"]));
                }
            }

            LayerSpec layer = spec.Layers[i];
            Add("input_layernorm", "attention_norm");
            Add("self_attn.q_proj", "attention.query", layer.Attention.InputBias);
            Add("self_attn.k_proj", "attention.key", layer.Attention.InputBias);
            Add("self_attn.v_proj", "attention.value", layer.Attention.InputBias);
            Add("self_attn.o_proj", "attention.output", layer.Attention.OutputBias);
            Add("post_attention_layernorm", "feed_forward_norm");
            Add("mlp.gate_proj", "feed_forward.gate", layer.FeedForward.Bias);
            Add("mlp.up_proj", "feed_forward.up", layer.FeedForward.Bias);
            Add("mlp.down_proj", "feed_forward.down", layer.FeedForward.Bias);
        }

        weights.Add(new PublishedWeight("model.norm.weight", ["final_norm.weight"]));
        if (!spec.TiedHead)
        {
            weights.Add(new PublishedWeight("lm_head.weight", ["head.weight"]));
        }

        return weights;
    }

    public override string? NameOf(string tensor, TransformerSpec spec) =>
        tensor.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal) || (spec.TiedHead && tensor == "lm_head.weight") ? null : tensor;

    // Two spellings: rope_theta beside rope_scaling (transformers before 5), rope_parameters with everything (5 and newer).
    private static RotaryPositions ReadRotary(ConfigReader config)
    {
        ConfigReader? parameters = config.Object("rope_parameters");
        ConfigReader? scaling = parameters ?? config.Object("rope_scaling");
        double theta = parameters?.OptionalNumber("rope_theta") ?? config.OptionalNumber("rope_theta") ?? 10_000;
        if ((parameters?.OptionalNumber("partial_rotary_factor") ?? config.OptionalNumber("partial_rotary_factor") ?? 1) != 1)
        {
            throw config.Fault("turns a part of each head only (partial_rotary_factor), which is not known");
        }

        if (scaling is null)
        {
            return new RotaryPositions(theta);
        }

        double Number(string key) => scaling.OptionalNumber(key) ?? throw scaling.Fault($"lacks {key}");
        return new RotaryPositions(theta, (scaling.Text("rope_type") ?? scaling.Text("type") ?? "default") switch
        {
            "default" => null,
            "linear" => new LinearScaling(Number("factor")),
            "llama3" => new Llama3Scaling(Number("factor"), Number("low_freq_factor"), Number("high_freq_factor"), scaling.Integer("original_max_position_embeddings")),
            var other => throw scaling.Fault($"has rope_type = {other}, which is not known"),
        });
    }
}
