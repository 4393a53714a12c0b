using System.Runtime.CompilerServices;

namespace Athanor.Torch.Kernels;

/// <summary>What a norm works on, forward and backward.</summary>
internal unsafe struct NormArguments
{
    /// <summary>The residual stream before, [rows, width].</summary>
    public float* Stream;

    /// <summary>What is added to it first, in the computed type; null for nothing.</summary>
    public void* Added;

    /// <summary>The added part's bias; null for none.</summary>
    public float* AddedBias;

    /// <summary>The residual stream after the addition, which is what is normalised; may be <see cref="Stream"/>.</summary>
    public float* Sum;

    public float* Weight;

    /// <summary>LayerNorm's offset; null for none.</summary>
    public float* Bias;

    /// <summary>Whether the mean is taken off (LayerNorm).</summary>
    public bool Centred;

    public float Epsilon;

    /// <summary>Mean and reciprocal deviation of each row.</summary>
    public float* Statistics;

    /// <summary>The result in the computed type.</summary>
    public void* Normed;

    /// <summary>The result in single precision as well; null where that is not wanted.</summary>
    public float* NormedSingle;

    /// <summary>The gradient with respect to the result, in the computed type.</summary>
    public void* NormedGradient;

    /// <summary>The gradient with respect to the residual stream, which the norm's is added to.</summary>
    public float* StreamGradient;

    /// <summary>Whether the stream's gradient is set instead of added to: the last norm begins it.</summary>
    public bool Begins;

    /// <summary>The stream's gradient in the computed type as well; null where that is single precision anyhow.</summary>
    public void* StreamGradientCopy;

    /// <summary>A thread's sums of the gradients of weight and bias, [threads, 2, width].</summary>
    public float* Sums;

    public int Width;
}

/// <summary>Adds to the residual stream and normalises it: RMSNorm (Zhang and Sennrich 2019) or LayerNorm (Ba et al. 2016).</summary>
internal readonly unsafe struct NormForward<TLanes, TVector, TStorage>(NormArguments arguments) : IParallelBody
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TStorage : struct, IStorage
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int from, int to, int thread)
    {
        int width = arguments.Width;
        for (int row = from; row < to; row++)
        {
            nint at = (nint)row * width;
            float* x = arguments.Sum + at;
            if (arguments.Added != null)
            {
                Add(arguments.Stream + at, at, x);
            }

            float mean = arguments.Centred ? Sum(x, width) / width : 0;
            float deviation = 1 / MathF.Sqrt((SumOfSquares(x, mean, width) / width) + arguments.Epsilon);
            arguments.Statistics[2 * (nint)row] = mean;
            arguments.Statistics[(2 * (nint)row) + 1] = deviation;
            int i = 0;
            for (; i <= width - TLanes.Count; i += TLanes.Count)
            {
                Put<TLanes, TVector>(x, i, at, mean, deviation);
            }

            for (; i < width; i++)
            {
                Put<Lanes1, float>(x, i, at, mean, deviation);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(float* stream, nint at, float* sum)
    {
        int i = 0;
        for (; i <= arguments.Width - TLanes.Count; i += TLanes.Count)
        {
            TVector value = TLanes.Add(TLanes.Load(stream + i), TStorage.Load<TLanes, TVector>(arguments.Added, at + i));
            TLanes.Store(sum + i, arguments.AddedBias == null ? value : TLanes.Add(value, TLanes.Load(arguments.AddedBias + i)));
        }

        for (; i < arguments.Width; i++)
        {
            sum[i] = stream[i] + TStorage.Load<Lanes1, float>(arguments.Added, at + i) + (arguments.AddedBias == null ? 0 : arguments.AddedBias[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put<TL, TV>(float* x, int i, nint at, float mean, float deviation)
        where TL : struct, ILanes<TV>
        where TV : struct
    {
        TV value = TL.Multiply(TL.Multiply(TL.Subtract(TL.Load(x + i), TL.Broadcast(mean)), TL.Broadcast(deviation)), TL.Load(arguments.Weight + i));
        if (arguments.Bias != null)
        {
            value = TL.Add(value, TL.Load(arguments.Bias + i));
        }

        TStorage.Store<TL, TV>(arguments.Normed, at + i, value);
        if (arguments.NormedSingle != null)
        {
            TL.Store(arguments.NormedSingle + at + i, value);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Sum(float* x, int width)
    {
        TVector sum = TLanes.Broadcast(0);
        int i = 0;
        for (; i <= width - TLanes.Count; i += TLanes.Count)
        {
            sum = TLanes.Add(sum, TLanes.Load(x + i));
        }

        float total = TLanes.Sum(sum);
        for (; i < width; i++)
        {
            total += x[i];
        }

        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float SumOfSquares(float* x, float mean, int width)
    {
        TVector sum = TLanes.Broadcast(0);
        TVector centre = TLanes.Broadcast(mean);
        int i = 0;
        for (; i <= width - TLanes.Count; i += TLanes.Count)
        {
            TVector value = TLanes.Subtract(TLanes.Load(x + i), centre);
            sum = TLanes.MultiplyAdd(value, value, sum);
        }

        float total = TLanes.Sum(sum);
        for (; i < width; i++)
        {
            total += (x[i] - mean) * (x[i] - mean);
        }

        return total;
    }
}

/// <summary>
/// The gradient of a norm, added to the residual stream's: with x̂ the normalised row and g = dy·w, dx = (g − mean(g·x̂)·x̂ − mean(g)) / deviation, the last term for LayerNorm only.
/// </summary>
internal readonly unsafe struct NormBackward<TLanes, TVector, TStorage>(NormArguments arguments) : IParallelBody
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TStorage : struct, IStorage
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int from, int to, int thread)
    {
        int width = arguments.Width;
        float* weightSums = arguments.Sums + (2 * (nint)thread * width);
        new Span<float>(weightSums, 2 * width).Clear();
        for (int row = from; row < to; row++)
        {
            nint at = (nint)row * width;
            float mean = arguments.Statistics[2 * (nint)row];
            float deviation = arguments.Statistics[(2 * (nint)row) + 1];
            TVector products = TLanes.Broadcast(0);
            TVector sums = TLanes.Broadcast(0);
            float restProducts = 0;
            float restSums = 0;
            int i = 0;
            for (; i <= width - TLanes.Count; i += TLanes.Count)
            {
                Gather<TLanes, TVector>(at, i, mean, deviation, weightSums, ref products, ref sums);
            }

            for (; i < width; i++)
            {
                Gather<Lanes1, float>(at, i, mean, deviation, weightSums, ref restProducts, ref restSums);
            }

            float alongRow = (TLanes.Sum(products) + restProducts) / width;
            float alongOnes = arguments.Centred ? (TLanes.Sum(sums) + restSums) / width : 0;
            for (i = 0; i <= width - TLanes.Count; i += TLanes.Count)
            {
                Put<TLanes, TVector>(at, i, mean, deviation, alongRow, alongOnes);
            }

            for (; i < width; i++)
            {
                Put<Lanes1, float>(at, i, mean, deviation, alongRow, alongOnes);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Gather<TL, TV>(nint at, int i, float mean, float deviation, float* weightSums, ref TV products, ref TV sums)
        where TL : struct, ILanes<TV>
        where TV : struct
    {
        TV dy = TStorage.Load<TL, TV>(arguments.NormedGradient, at + i);
        TV normed = TL.Multiply(TL.Subtract(TL.Load(arguments.Sum + at + i), TL.Broadcast(mean)), TL.Broadcast(deviation));
        TV g = TL.Multiply(dy, TL.Load(arguments.Weight + i));
        products = TL.MultiplyAdd(g, normed, products);
        sums = TL.Add(sums, g);
        TL.Store(weightSums + i, TL.MultiplyAdd(dy, normed, TL.Load(weightSums + i)));
        if (arguments.Bias != null)
        {
            TL.Store(weightSums + arguments.Width + i, TL.Add(dy, TL.Load(weightSums + arguments.Width + i)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put<TL, TV>(nint at, int i, float mean, float deviation, float alongRow, float alongOnes)
        where TL : struct, ILanes<TV>
        where TV : struct
    {
        TV normed = TL.Multiply(TL.Subtract(TL.Load(arguments.Sum + at + i), TL.Broadcast(mean)), TL.Broadcast(deviation));
        TV g = TL.Multiply(TStorage.Load<TL, TV>(arguments.NormedGradient, at + i), TL.Load(arguments.Weight + i));
        TV dx = TL.Multiply(TL.Subtract(TL.Subtract(g, TL.Multiply(normed, TL.Broadcast(alongRow))), TL.Broadcast(alongOnes)), TL.Broadcast(deviation));
        if (!arguments.Begins)
        {
            dx = TL.Add(dx, TL.Load(arguments.StreamGradient + at + i));
        }

        TL.Store(arguments.StreamGradient + at + i, dx);
        if (arguments.StreamGradientCopy != null)
        {
            TStorage.Store<TL, TV>(arguments.StreamGradientCopy, at + i, dx);
        }
    }
}
