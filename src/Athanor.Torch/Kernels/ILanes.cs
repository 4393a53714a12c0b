namespace Athanor.Torch.Kernels;

/// <summary>
/// The operations of a vector of single-precision numbers, of whatever width the processor has. Kernels are written once over it; the compiler makes one of each width.
/// </summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal unsafe interface ILanes<TVector>
    where TVector : struct
{
    /// <summary>Numbers of a vector.</summary>
    static abstract int Count { get; }

    /// <summary>Whether there are thirty-two registers: tiles of products may be twice as high.</summary>
    static abstract bool HasManyRegisters { get; }

    static abstract TVector Broadcast(float value);

    static abstract TVector Load(float* source);

    static abstract void Store(float* target, TVector value);

    /// <summary>Loads bfloat16 numbers.</summary>
    static abstract TVector LoadBrain(ushort* source);

    /// <summary>Stores as bfloat16, rounded to the nearest, ties to even.</summary>
    static abstract void StoreBrain(ushort* target, TVector value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Divide(TVector a, TVector b);

    /// <summary>a · b + c.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    static abstract TVector Max(TVector a, TVector b);

    static abstract TVector Min(TVector a, TVector b);

    static abstract TVector Sqrt(TVector a);

    /// <summary>Where x &lt; y then a, else b.</summary>
    static abstract TVector SelectLess(TVector x, TVector y, TVector a, TVector b);

    /// <summary>2ⁿ of numbers given as 1.5 · 2²³ + n, n a whole number from −126 to 127.</summary>
    static abstract TVector PowerOfTwo(TVector shifted);

    static abstract float Sum(TVector a);

    static abstract float Largest(TVector a);
}
