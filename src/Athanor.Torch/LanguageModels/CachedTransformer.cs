using Athanor.Models.Specifications;
using Athanor.Torch.Executors;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace Athanor.Torch.LanguageModels;

/// <summary>A token to be read: which sequence it belongs to, where it stands in it, its id.</summary>
internal readonly record struct CachedToken(CachedSequence Sequence, int Position, int Token);

/// <summary>
/// A transformer that reads tokens of many sequences in one pass and remembers their keys and values. Tokens are rows of one product, without padding between
/// sequences; attention is computed a row at a time over that row's own sequence, so no result depends on what else is in the pass, as far as the product's
/// rows do not (the number of rows is rounded up, which keeps libtorch to the same kernels).
/// </summary>
/// <param name="weights">Its weights; they stay the caller's.</param>
/// <param name="granularity">The number of rows is rounded up to a multiple of this.</param>
internal sealed class CachedTransformer(TransformerWeights weights, int granularity)
{
    private const int RowsAPass = 512;

    // Models whose fullest pass has fewer operations are read by one thread: on a busy machine waiting for a second takes five times as long as the work. It hangs on
    // the model alone, so that what else is in a pass never changes a result.
    private const double WorthThreads = 2e9;

    private readonly TransformerSpec _spec = weights.Plan.Spec;
    private readonly ICachedAttention _attention = weights.Type == FloatType.Float64 ? new CachedAttention<double>(weights.Plan.Spec) : new CachedAttention<float>(weights.Plan.Spec);

    /// <summary>A new, empty sequence.</summary>
    public CachedSequence Open() => _attention.Open();

    /// <summary>Reads tokens. Those of a sequence stand in order, each after what the sequence already holds.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="wanted">For each whether its hidden state is wanted; null for all.</param>
    /// <param name="take">Takes hidden states after the last norm, [rows, width] with rows rounded up, and which of the tokens they belong to. Called once a pass.</param>
    public void Read(IReadOnlyList<CachedToken> tokens, Func<int, bool>? wanted, Action<torch.Tensor, List<int>>? take)
    {
        int threads = torch.get_num_threads();
        bool alone = threads > 1 && 2.0 * weights.Plan.MultipliedParameters * RowsAPass < WorthThreads;
        if (alone)
        {
            torch.set_num_threads(1);
        }

        try
        {
            ReadPasses(tokens, wanted, take);
        }
        finally
        {
            if (alone)
            {
                torch.set_num_threads(threads);
            }
        }
    }

    /// <summary>The logits of hidden states, [rows, vocabulary].</summary>
    public torch.Tensor Logits(torch.Tensor hidden)
    {
        using IDisposable noGradient = torch.no_grad();
        return hidden.mm(weights.Head.t());
    }

    private void ReadPasses(IReadOnlyList<CachedToken> tokens, Func<int, bool>? wanted, Action<torch.Tensor, List<int>>? take)
    {
        using IDisposable noGradient = torch.no_grad();
        for (int from = 0; from < tokens.Count; from += RowsAPass)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            int count = Math.Min(RowsAPass, tokens.Count - from);
            torch.Tensor hidden = Pass(tokens, from, count, needed: take is not null);
            if (take is null)
            {
                continue;
            }

            List<int> rows = [];
            for (int i = 0; i < count; i++)
            {
                if (wanted is null || wanted(from + i))
                {
                    rows.Add(i);
                }
            }

            if (rows.Count > 0)
            {
                long[] index = new long[Rounded(rows.Count)];
                for (int i = 0; i < rows.Count; i++)
                {
                    index[i] = rows[i];
                }

                take(hidden.index_select(0, torch.tensor(index)), rows.ConvertAll(row => row + from));
            }
        }
    }

    private int Rounded(int rows) => (rows + granularity - 1) / granularity * granularity;

    private torch.Tensor Pass(IReadOnlyList<CachedToken> tokens, int from, int count, bool needed)
    {
        int rows = Rounded(count);
        long[] ids = new long[rows];
        long[] positions = new long[rows];
        for (int i = 0; i < count; i++)
        {
            CachedToken token = tokens[from + i];
            ids[i] = token.Token;
            positions[i] = token.Position;
        }

        _attention.Begin(tokens, from, count);
        torch.Tensor x = weights.Embedding.index_select(0, torch.tensor(ids));
        if (weights.Positions is { } learned)
        {
            x = x + learned.index_select(0, torch.tensor(positions));
        }

        for (int i = 0; i < weights.Layers.Length; i++)
        {
            LayerWeights layer = weights.Layers[i];
            LayerSpec spec = _spec.Layers[i];
            torch.Tensor input = Linear(TransformerBody.Norm(x, spec.AttentionNorm, layer.AttentionNorm), layer.Input);
            torch.Tensor mixed = torch.zeros([rows, spec.Attention.Heads * spec.Attention.HeadSize], dtype: x.dtype);
            _attention.Attend(i, input, mixed);
            if (!needed && i == weights.Layers.Length - 1)
            {
                return x;
            }

            x = x + Linear(mixed, layer.Output);
            torch.Tensor up = Linear(TransformerBody.Norm(x, spec.FeedForwardNorm, layer.FeedForwardNorm), layer.Up);
            x = x + Linear(TransformerBody.Activated(up, spec.FeedForward), layer.Down);
        }

        return TransformerBody.Norm(x, _spec.FinalNorm, weights.FinalNorm);
    }

    private static torch.Tensor Linear(torch.Tensor x, LinearWeights linear) => F.linear(x, linear.Weight, linear.Bias);
}
