using System.Runtime.CompilerServices;

namespace Athanor.Torch.Kernels;

/// <summary>A nonlinearity and its slope.</summary>
internal interface IActivation
{
    static abstract TVector Value<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    static abstract (TVector Value, TVector Slope) ValueAndSlope<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;
}

/// <summary>x · sigmoid(x).</summary>
internal readonly struct Silu : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.Multiply(x, Functions<TLanes, TVector>.Sigmoid(x));

    // s + x s (1 − s)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector Value, TVector Slope) ValueAndSlope<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TVector s = Functions<TLanes, TVector>.Sigmoid(x);
        TVector value = TLanes.Multiply(x, s);
        return (value, TLanes.MultiplyAdd(value, TLanes.Subtract(TLanes.Broadcast(1), s), s));
    }
}

/// <summary>x · Φ(x).</summary>
internal readonly struct Gelu : IActivation
{
    private const float RootOfHalf = 0.707106781f;
    private const float DensityAtZero = 0.398942280f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.Multiply(x, Distribution<TLanes, TVector>(x));

    // Φ(x) + x φ(x)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector Value, TVector Slope) ValueAndSlope<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TVector distribution = Distribution<TLanes, TVector>(x);
        TVector density = TLanes.Multiply(TLanes.Broadcast(DensityAtZero), Functions<TLanes, TVector>.Exp(TLanes.Multiply(TLanes.Multiply(x, x), TLanes.Broadcast(-0.5f))));
        return (TLanes.Multiply(x, distribution), TLanes.MultiplyAdd(x, density, distribution));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Distribution<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TVector half = TLanes.Broadcast(0.5f);
        return TLanes.MultiplyAdd(Functions<TLanes, TVector>.Erf(TLanes.Multiply(x, TLanes.Broadcast(RootOfHalf))), half, half);
    }
}

/// <summary>x · (1 + tanh(√(2/π)(x + 0.044715 x³))) / 2.</summary>
internal readonly struct GeluTanh : IActivation
{
    private const float Root = 0.797884561f;
    private const float Cubic = 0.044715f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.Multiply(x, Gate<TLanes, TVector>(x));

    // with g = (1 + tanh u)/2: g + x · 2 g (1 − g) u'
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector Value, TVector Slope) ValueAndSlope<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TVector gate = Gate<TLanes, TVector>(x);
        TVector value = TLanes.Multiply(x, gate);
        TVector inner = TLanes.MultiplyAdd(TLanes.Multiply(x, x), TLanes.Broadcast(6 * Root * Cubic), TLanes.Broadcast(2 * Root));
        return (value, TLanes.MultiplyAdd(TLanes.Multiply(value, TLanes.Subtract(TLanes.Broadcast(1), gate)), inner, gate));
    }

    // (1 + tanh u)/2 = sigmoid(2u)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Gate<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TVector factor = TLanes.MultiplyAdd(TLanes.Multiply(x, x), TLanes.Broadcast(2 * Root * Cubic), TLanes.Broadcast(2 * Root));
        return Functions<TLanes, TVector>.Sigmoid(TLanes.Multiply(x, factor));
    }
}

/// <summary>max(x, 0).</summary>
internal readonly struct Relu : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.Max(TLanes.Broadcast(0), x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector Value, TVector Slope) ValueAndSlope<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        TVector zero = TLanes.Broadcast(0);
        return (TLanes.Max(zero, x), TLanes.SelectLess(zero, x, TLanes.Broadcast(1), zero));
    }
}
