using Athanor.Models.Specifications;
using TorchSharp;

namespace Athanor.Torch.Executors;

/// <summary>
/// What the tokens of a batch are to each other: their positions, the angles of rotary positions, and which keys each query sees.
/// </summary>
internal sealed class BatchLayout : IDisposable
{
    private readonly TransformerSpec _spec;
    private readonly FloatType _type;
    private readonly int[]? _starts;
    private readonly Dictionary<int, (torch.Tensor Cosine, torch.Tensor Sine)> _angles = [];
    private readonly Dictionary<(int Window, int Groups, int Shared), torch.Tensor> _masks = [];

    /// <summary>The layout of a batch.</summary>
    /// <param name="spec">What the model is.</param>
    /// <param name="type">What it computes in.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="length">How long each is.</param>
    /// <param name="documents">The document of each token, as <see cref="TokenBatch.Documents"/>; empty where a row is one document.</param>
    public BatchLayout(TransformerSpec spec, FloatType type, int rows, int length, ReadOnlySpan<int> documents)
    {
        _spec = spec;
        _type = type;
        Rows = rows;
        Length = length;
        Positions = new long[rows * length];
        if (!documents.IsEmpty)
        {
            _starts = new int[rows * length];
        }

        for (int row = 0; row < rows; row++)
        {
            int start = 0;
            for (int t = 0; t < length; t++)
            {
                int at = (row * length) + t;
                if (_starts is not null)
                {
                    // padding stands alone: it sees itself, so that no row of scores is empty
                    start = t == 0 || documents[at] < 0 || documents[at] != documents[at - 1] ? t : start;
                    _starts[at] = start;
                }

                Positions[at] = t - start;
            }
        }
    }

    /// <summary>How many rows.</summary>
    public int Rows { get; }

    /// <summary>How long each is.</summary>
    public int Length { get; }

    /// <summary>The position of each token in its document.</summary>
    public long[] Positions { get; }

    /// <summary>Whether every row is one document.</summary>
    public bool IsWhole => _starts is null;

    /// <summary>Cosines and sines of the rotary angles: [length, 1, head size / 2] where rows are alike, else with the rows before.</summary>
    public (torch.Tensor Cosine, torch.Tensor Sine) Angles(int headSize)
    {
        if (!_angles.TryGetValue(headSize, out (torch.Tensor Cosine, torch.Tensor Sine) angles))
        {
            double[] frequencies = ((RotaryPositions)_spec.Positions).Frequencies(headSize);
            int tokens = IsWhole ? Length : Rows * Length;
            long[] shape = IsWhole ? [Length, 1, frequencies.Length] : [Rows, Length, 1, frequencies.Length];
            double[] cosine = new double[tokens * frequencies.Length];
            double[] sine = new double[cosine.Length];
            for (int token = 0; token < tokens; token++)
            {
                for (int i = 0; i < frequencies.Length; i++)
                {
                    (sine[(token * frequencies.Length) + i], cosine[(token * frequencies.Length) + i]) = Math.SinCos(Positions[token] * frequencies[i]);
                }
            }

            angles = (Tensor(cosine, shape), Tensor(sine, shape));
            _angles.Add(headSize, angles);
        }

        return angles;
    }

    /// <summary>
    /// What is added to the scores: 0 where a key is seen, −∞ elsewhere; [rows · key heads, heads / key heads · length, length], the first being 1 where rows are alike.
    /// </summary>
    public torch.Tensor Mask(AttentionSpec attention)
    {
        int width = attention.SlidingWindow ?? int.MaxValue;
        int shared = attention.Heads / attention.KeyValueHeads;
        (int, int, int) key = (width, attention.KeyValueHeads, shared);
        if (!_masks.TryGetValue(key, out torch.Tensor? mask))
        {
            int masks = IsWhole ? 1 : Rows;
            float[] values = new float[masks * Length * Length];
            Array.Fill(values, float.NegativeInfinity);
            for (int row = 0; row < masks; row++)
            {
                for (int t = 0; t < Length; t++)
                {
                    int first = Math.Max(_starts?[(row * Length) + t] ?? 0, width > t ? 0 : t - width + 1);
                    values.AsSpan((((row * Length) + t) * Length) + first, t - first + 1).Clear();
                }
            }

            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor raw = torch.tensor(values, [masks, 1, 1, Length, Length]).to(_type.Computed());
            int groups = IsWhole ? 1 : attention.KeyValueHeads;
            mask = raw.expand(masks, groups, shared, Length, Length).reshape(masks * groups, shared * Length, Length).DetachFromDisposeScope();
            _masks.Add(key, mask);
        }

        return mask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((torch.Tensor cosine, torch.Tensor sine) in _angles.Values)
        {
            cosine.Dispose();
            sine.Dispose();
        }

        foreach (torch.Tensor mask in _masks.Values)
        {
            mask.Dispose();
        }
    }

    private torch.Tensor Tensor(double[] values, long[] shape)
    {
        using torch.Tensor raw = torch.tensor(values, shape);
        return raw.to(_type.Computed(), copy: true).DetachFromDisposeScope();
    }
}
