using System.Numerics;
using System.Runtime.InteropServices;
using Athanor.Models.Specifications;
using Athanor.Torch.Kernels;
using TorchSharp;

namespace Athanor.Torch.LanguageModels;

/// <summary>What a sequence's past is kept in.</summary>
internal abstract class CachedSequence
{
    /// <summary>How many tokens were read.</summary>
    public int Length { get; set; }

    /// <summary>A copy that grows on its own.</summary>
    public abstract CachedSequence Copy();

    /// <summary>A new sequence whose first tokens are those of this one, read from here and not again. This one must not change while it lives.</summary>
    public abstract CachedSequence Share(int length);
}

/// <summary>Attention over remembered keys and values, whatever the number type.</summary>
internal interface ICachedAttention
{
    CachedSequence Open();

    /// <summary>Says which tokens the next calls of <see cref="Attend"/> are about.</summary>
    void Begin(IReadOnlyList<CachedToken> tokens, int from, int count);

    /// <summary>Turns queries and keys of a layer by their positions, remembers keys and values, and mixes values.</summary>
    /// <param name="layer">Which layer.</param>
    /// <param name="input">Queries, keys and values, [rows, (heads + 2 · key heads) · head size].</param>
    /// <param name="output">Mixed values, [rows, heads · head size].</param>
    void Attend(int layer, torch.Tensor input, torch.Tensor output);
}

/// <summary>Attention over remembered keys and values.</summary>
internal sealed class CachedAttention<T>(TransformerSpec spec) : ICachedAttention
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private CachedToken[] _tokens = [];
    private readonly Dictionary<int, (T[] Cosine, T[] Sine)> _angles = [];

    public CachedSequence Open() => new Sequence(spec.Layers.Count);

    public void Begin(IReadOnlyList<CachedToken> tokens, int from, int count)
    {
        _tokens = new CachedToken[count];
        for (int i = 0; i < count; i++)
        {
            _tokens[i] = tokens[from + i];
            _tokens[i].Sequence.Length = _tokens[i].Position + 1;
        }
    }

    public unsafe void Attend(int layer, torch.Tensor input, torch.Tensor output)
    {
        AttentionSpec attention = spec.Layers[layer].Attention;
        int size = attention.HeadSize;
        int queries = attention.Heads * size;
        int keys = attention.KeyValueHeads * size;
        int width = queries + (2 * keys);
        fixed (byte* source = input.bytes, target = output.bytes)
        {
            T* rows = (T*)source;
            T* mixed = (T*)target;
            for (int i = 0; i < _tokens.Length; i++)
            {
                Span<T> row = new(rows + ((long)i * width), width);
                if (spec.Positions is RotaryPositions rotary)
                {
                    Turn(row[..(queries + keys)], _tokens[i].Position, size, rotary);
                }

                ((Sequence)_tokens[i].Sequence).Remember(layer, _tokens[i].Position, row.Slice(queries, keys), row.Slice(queries + keys, keys));
            }

            OpenMp.For(_tokens.Length, (from, to) =>
            {
                T[] scores = new T[Longest(from, to)];
                for (int i = from; i < to; i++)
                {
                    Mix((Sequence)_tokens[i].Sequence, layer, _tokens[i].Position, attention, new ReadOnlySpan<T>(rows + ((long)i * width), queries), new Span<T>(mixed + ((long)i * queries), queries), scores);
                }
            });
        }
    }

    private int Longest(int from, int to)
    {
        int longest = 0;
        for (int i = from; i < to; i++)
        {
            longest = Math.Max(longest, _tokens[i].Position + 1);
        }

        return longest;
    }

    private static void Mix(Sequence sequence, int layer, int position, AttentionSpec attention, ReadOnlySpan<T> query, Span<T> mixed, T[] scores)
    {
        int size = attention.HeadSize;
        int stride = attention.KeyValueHeads * size;
        int shared = attention.Heads / attention.KeyValueHeads;
        int first = attention.SlidingWindow is { } window ? Math.Max(0, position - window + 1) : 0;
        int count = position - first + 1;
        T scale = T.CreateTruncating(1 / Math.Sqrt(size));
        for (int head = 0; head < attention.Heads; head++)
        {
            int offset = head / shared * size;
            ReadOnlySpan<T> q = query.Slice(head * size, size);
            T largest = T.NegativeInfinity;
            for (int j = 0; j < count; j++)
            {
                T score = Dot(q, sequence.Keys(layer, first + j, stride).Slice(offset, size)) * scale;
                scores[j] = score;
                largest = T.Max(largest, score);
            }

            T sum = T.Zero;
            for (int j = 0; j < count; j++)
            {
                scores[j] = T.Exp(scores[j] - largest);
                sum += scores[j];
            }

            Span<T> result = mixed.Slice(head * size, size);
            result.Clear();
            for (int j = 0; j < count; j++)
            {
                AddScaled(result, sequence.Values(layer, first + j, stride).Slice(offset, size), scores[j] / sum);
            }
        }
    }

    private void Turn(Span<T> row, int position, int size, RotaryPositions rotary)
    {
        (T[] cosines, T[] sines) = Angles(position, size, rotary);
        int half = size / 2;
        ReadOnlySpan<T> cosine = cosines.AsSpan(position * half, half);
        ReadOnlySpan<T> sine = sines.AsSpan(position * half, half);
        for (int at = 0; at < row.Length; at += size)
        {
            Span<T> first = row.Slice(at, half);
            Span<T> second = row.Slice(at + half, half);
            for (int i = 0; i < half; i++)
            {
                (first[i], second[i]) = ((first[i] * cosine[i]) - (second[i] * sine[i]), (second[i] * cosine[i]) + (first[i] * sine[i]));
            }
        }
    }

    private (T[] Cosine, T[] Sine) Angles(int position, int size, RotaryPositions rotary)
    {
        int half = size / 2;
        if (!_angles.TryGetValue(size, out (T[] Cosine, T[] Sine) angles) || angles.Cosine.Length <= position * half)
        {
            int positions = Math.Max(64, (int)BitOperations.RoundUpToPowerOf2((uint)position + 1));
            double[] frequencies = rotary.Frequencies(size);
            angles = (new T[positions * half], new T[positions * half]);
            for (int p = 0; p < positions; p++)
            {
                for (int i = 0; i < half; i++)
                {
                    (double sine, double cosine) = Math.SinCos(p * frequencies[i]);
                    angles.Cosine[(p * half) + i] = T.CreateTruncating(cosine);
                    angles.Sine[(p * half) + i] = T.CreateTruncating(sine);
                }
            }

            _angles[size] = angles;
        }

        return angles;
    }

    private static T Dot(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
    {
        ReadOnlySpan<Vector<T>> x = MemoryMarshal.Cast<T, Vector<T>>(a);
        ReadOnlySpan<Vector<T>> y = MemoryMarshal.Cast<T, Vector<T>>(b);
        Vector<T> sum = Vector<T>.Zero;
        for (int i = 0; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        T total = Vector.Sum(sum);
        for (int i = x.Length * Vector<T>.Count; i < a.Length; i++)
        {
            total += a[i] * b[i];
        }

        return total;
    }

    private static void AddScaled(Span<T> sum, ReadOnlySpan<T> values, T factor)
    {
        Span<Vector<T>> x = MemoryMarshal.Cast<T, Vector<T>>(sum);
        ReadOnlySpan<Vector<T>> y = MemoryMarshal.Cast<T, Vector<T>>(values);
        Vector<T> factors = new(factor);
        for (int i = 0; i < x.Length; i++)
        {
            x[i] += y[i] * factors;
        }

        for (int i = x.Length * Vector<T>.Count; i < sum.Length; i++)
        {
            sum[i] += values[i] * factor;
        }
    }

    private sealed class Sequence : CachedSequence
    {
        private readonly T[][] _keys;
        private readonly T[][] _values;
        private readonly Sequence? _prefix;
        private readonly int _prefixLength;

        public Sequence(int layers, Sequence? prefix = null, int prefixLength = 0)
        {
            _keys = new T[layers][];
            _values = new T[layers][];
            _prefix = prefix;
            _prefixLength = prefixLength;
            Array.Fill(_keys, []);
            Array.Fill(_values, []);
            Length = prefixLength;
        }

        public override CachedSequence Copy()
        {
            Sequence copy = new(_keys.Length, _prefix, _prefixLength) { Length = Length };
            for (int layer = 0; layer < _keys.Length; layer++)
            {
                copy._keys[layer] = [.. _keys[layer]];
                copy._values[layer] = [.. _values[layer]];
            }

            return copy;
        }

        public override CachedSequence Share(int length) => _prefix is not null && length <= _prefixLength ? _prefix.Share(length) : new Sequence(_keys.Length, this, length);

        public void Remember(int layer, int position, ReadOnlySpan<T> key, ReadOnlySpan<T> value)
        {
            int at = (position - _prefixLength) * key.Length;
            if (_keys[layer].Length < at + key.Length)
            {
                int capacity = Math.Max(16, (int)BitOperations.RoundUpToPowerOf2((uint)(position - _prefixLength + 1))) * key.Length;
                Array.Resize(ref _keys[layer], capacity);
                Array.Resize(ref _values[layer], capacity);
            }

            key.CopyTo(_keys[layer].AsSpan(at));
            value.CopyTo(_values[layer].AsSpan(at));
        }

        public ReadOnlySpan<T> Keys(int layer, int position, int stride) => position < _prefixLength ? _prefix!.Keys(layer, position, stride) : _keys[layer].AsSpan((position - _prefixLength) * stride, stride);

        public ReadOnlySpan<T> Values(int layer, int position, int stride) => position < _prefixLength ? _prefix!.Values(layer, position, stride) : _values[layer].AsSpan((position - _prefixLength) * stride, stride);
    }
}
