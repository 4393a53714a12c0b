using System.Runtime.CompilerServices;

namespace Athanor.Torch.Kernels;

/// <summary>Functions of vectors, accurate to about two units in the last place.</summary>
internal static class Functions<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    private const float Log2OfE = 1.44269504f;
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;
    private const float Shift = 12582912f;
    private const float Smallest = -87.33f;
    private const float Largest = 88.37f;

    /// <summary>eˣ; 0 below the smallest normal number. x = n·ln 2 + r, the polynomial of eʳ is that of Moshier's Cephes library.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp(TVector x)
    {
        TVector shift = TLanes.Broadcast(Shift);
        TVector smallest = TLanes.Broadcast(Smallest);
        // Max and Min give the second of two where one is not a number: what is not a number stays so
        TVector bounded = TLanes.Min(TLanes.Broadcast(Largest), TLanes.Max(smallest, x));
        TVector shifted = TLanes.MultiplyAdd(bounded, TLanes.Broadcast(Log2OfE), shift);
        TVector n = TLanes.Subtract(shifted, shift);
        TVector r = TLanes.MultiplyAdd(n, TLanes.Broadcast(-Ln2High), bounded);
        r = TLanes.MultiplyAdd(n, TLanes.Broadcast(-Ln2Low), r);
        TVector p = TLanes.Broadcast(1.9875691500e-4f);
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(1.3981999507e-3f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(8.3334519073e-3f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(4.1665795894e-2f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(1.6666665459e-1f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(5.0000001201e-1f));
        p = TLanes.MultiplyAdd(TLanes.Multiply(p, r), r, TLanes.Add(r, TLanes.Broadcast(1)));
        return TLanes.SelectLess(x, smallest, TLanes.Broadcast(0), TLanes.Multiply(p, TLanes.PowerOfTwo(shifted)));
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid(TVector x)
    {
        TVector one = TLanes.Broadcast(1);
        return TLanes.Divide(one, TLanes.Add(one, Exp(TLanes.Subtract(TLanes.Broadcast(0), x))));
    }

    /// <summary>The error function: x times the Chebyshev series of erf(x)/x in x² up to 16, by Clenshaw's recurrence; ±1 beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Erf(TVector x)
    {
        x = TLanes.Max(TLanes.Broadcast(-4), TLanes.Min(TLanes.Broadcast(4), x));
        TVector twice = TLanes.MultiplyAdd(TLanes.Multiply(x, x), TLanes.Broadcast(0.25f), TLanes.Broadcast(-2));
        TVector first = TLanes.Broadcast(0);
        TVector second = first;
        Clenshaw(-8.378998349e-8f, twice, ref first, ref second);
        Clenshaw(3.664930431e-7f, twice, ref first, ref second);
        Clenshaw(-1.519775071e-6f, twice, ref first, ref second);
        Clenshaw(5.961274041e-6f, twice, ref first, ref second);
        Clenshaw(-2.206549594e-5f, twice, ref first, ref second);
        Clenshaw(7.688658221e-5f, twice, ref first, ref second);
        Clenshaw(-2.515965878e-4f, twice, ref first, ref second);
        Clenshaw(7.714154278e-4f, twice, ref first, ref second);
        Clenshaw(-2.211840659e-3f, twice, ref first, ref second);
        Clenshaw(5.922937956e-3f, twice, ref first, ref second);
        Clenshaw(-1.481186415e-2f, twice, ref first, ref second);
        Clenshaw(3.466993680e-2f, twice, ref first, ref second);
        Clenshaw(-7.648275611e-2f, twice, ref first, ref second);
        Clenshaw(1.618291012e-1f, twice, ref first, ref second);
        Clenshaw(-3.454078550e-1f, twice, ref first, ref second);
        TVector series = TLanes.Subtract(TLanes.MultiplyAdd(TLanes.Multiply(twice, TLanes.Broadcast(0.5f)), first, TLanes.Broadcast(4.859129569e-1f)), second);
        return TLanes.Multiply(x, series);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clenshaw(float coefficient, TVector twice, ref TVector first, ref TVector second)
    {
        TVector next = TLanes.MultiplyAdd(twice, first, TLanes.Subtract(TLanes.Broadcast(coefficient), second));
        second = first;
        first = next;
    }
}
