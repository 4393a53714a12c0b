using System.Runtime.CompilerServices;

namespace Athanor.Torch.Kernels;

/// <summary>What stands between the feed-forward's matrices: activation(up), or activation(gate) · up where the gate's columns come before the others'.</summary>
internal readonly unsafe struct FeedForwardForward<TLanes, TVector, TStorage, TActivation>(void* up, void* activated, int size, bool gated) : IParallelBody
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TStorage : struct, IStorage
    where TActivation : struct, IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int from, int to, int thread)
    {
        for (int row = from; row < to; row++)
        {
            nint of = (nint)row * (gated ? 2 * size : size);
            nint at = (nint)row * size;
            int i = 0;
            for (; i <= size - TLanes.Count; i += TLanes.Count)
            {
                Put<TLanes, TVector>(of + i, at + i);
            }

            for (; i < size; i++)
            {
                Put<Lanes1, float>(of + i, at + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put<TL, TV>(nint of, nint at)
        where TL : struct, ILanes<TV>
        where TV : struct
    {
        TV value = TActivation.Value<TL, TV>(TStorage.Load<TL, TV>(up, of));
        TStorage.Store<TL, TV>(activated, at, gated ? TL.Multiply(value, TStorage.Load<TL, TV>(up, of + size)) : value);
    }
}

/// <summary>The gradient of <see cref="FeedForwardForward{TLanes,TVector,TStorage,TActivation}"/>, which takes the place of what it was computed from.</summary>
internal readonly unsafe struct FeedForwardBackward<TLanes, TVector, TStorage, TActivation>(void* up, void* gradient, int size, bool gated) : IParallelBody
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TStorage : struct, IStorage
    where TActivation : struct, IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int from, int to, int thread)
    {
        for (int row = from; row < to; row++)
        {
            nint of = (nint)row * (gated ? 2 * size : size);
            nint at = (nint)row * size;
            int i = 0;
            for (; i <= size - TLanes.Count; i += TLanes.Count)
            {
                Put<TLanes, TVector>(of + i, at + i);
            }

            for (; i < size; i++)
            {
                Put<Lanes1, float>(of + i, at + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put<TL, TV>(nint of, nint at)
        where TL : struct, ILanes<TV>
        where TV : struct
    {
        (TV value, TV slope) = TActivation.ValueAndSlope<TL, TV>(TStorage.Load<TL, TV>(up, of));
        TV g = TStorage.Load<TL, TV>(gradient, at);
        if (gated)
        {
            TV other = TStorage.Load<TL, TV>(up, of + size);
            TStorage.Store<TL, TV>(up, of + size, TL.Multiply(g, value));
            g = TL.Multiply(g, other);
        }

        TStorage.Store<TL, TV>(up, of, TL.Multiply(g, slope));
    }
}
