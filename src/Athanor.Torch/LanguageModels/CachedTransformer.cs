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
/// rows do not: libtorch takes other kernels for other numbers of rows, whose sums differ in the last bits. With <paramref name="fixedShape"/> every pass has the
/// same number of rows, unused ones among them, and results do not depend on company to the bit.
/// </summary>
/// <param name="weights">Its weights; they stay the caller's.</param>
/// <param name="granularity">The number of rows is rounded up to a multiple of this.</param>
/// <param name="fixedShape">Whether it is always this number exactly.</param>
internal sealed class CachedTransformer(TransformerWeights weights, int granularity, bool fixedShape = false)
{
    private const int FullestPass = 512;

    // Models whose fullest pass has fewer operations are read by one thread: on a busy machine waiting for a second takes five times as long as the work. It hangs on
    // the model alone, so that what else is in a pass never changes a result.
    private const double WorthThreads = 2e9;

    private readonly TransformerSpec _spec = weights.Plan.Spec;
    private readonly ICachedAttention _attention = weights.Type == FloatType.Float64 ? new CachedAttention<double>(weights.Plan.Spec) : new CachedAttention<float>(weights.Plan.Spec);

    private int RowsAPass => fixedShape ? granularity : FullestPass;

    /// <summary>A new, empty sequence.</summary>
    public CachedSequence Open() => _attention.Open();

    /// <summary>Reads tokens. Those of a sequence stand in order, each after what the sequence already holds.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="wanted">For each whether its hidden state is wanted; null for all.</param>
    /// <param name="take">Takes hidden states after the last norm, [rows, width] with rows rounded up, and which of the tokens they belong to. Called once a pass, or not at all.</param>
    public void Read(IReadOnlyList<CachedToken> tokens, Func<int, bool>? wanted, Action<torch.Tensor, List<int>>? take)
    {
        int threads = torch.get_num_threads();
        bool alone = threads > 1 && 2.0 * weights.Plan.MultipliedParameters * FullestPass < WorthThreads;
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
        using TakenRows taken = new(take, fixedShape ? granularity : 0);
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

            if (rows.Count == 0)
            {
                continue;
            }

            long[] index = new long[fixedShape ? rows.Count : Rounded(rows.Count)];
            for (int i = 0; i < rows.Count; i++)
            {
                index[i] = rows[i];
            }

            taken.Add(hidden.index_select(0, torch.tensor(index)), rows.ConvertAll(row => row + from));
        }

        taken.Flush();
    }

    private int Rounded(int rows) => (Math.Max(rows, 1) + granularity - 1) / granularity * granularity;

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

    // Hands hidden states on as they come, or gathers them until they fill the one shape.
    private sealed class TakenRows(Action<torch.Tensor, List<int>>? take, int shape) : IDisposable
    {
        private readonly List<int> _rows = [];
        private torch.Tensor? _gathered;

        public void Add(torch.Tensor hidden, List<int> rows)
        {
            if (shape == 0)
            {
                take!(hidden, rows);
                return;
            }

            _gathered ??= torch.zeros([shape, hidden.shape[1]], dtype: hidden.dtype).DetachFromDisposeScope();
            for (int from = 0; from < rows.Count;)
            {
                int count = Math.Min(rows.Count - from, shape - _rows.Count);
                _gathered.narrow(0, _rows.Count, count).copy_(hidden.narrow(0, from, count));
                _rows.AddRange(rows.GetRange(from, count));
                from += count;
                if (_rows.Count == shape)
                {
                    Flush();
                }
            }
        }

        public void Flush()
        {
            if (_rows.Count > 0)
            {
                using DisposeScope scope = torch.NewDisposeScope();
                take!(_gathered!, [.. _rows]);
                _rows.Clear();
            }
        }

        public void Dispose() => _gathered?.Dispose();
    }
}
