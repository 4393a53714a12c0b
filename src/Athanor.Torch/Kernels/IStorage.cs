using System.Runtime.CompilerServices;

namespace Athanor.Torch.Kernels;

/// <summary>How numbers lie in memory; they are computed with in single precision either way.</summary>
internal unsafe interface IStorage
{
    /// <summary>Bytes of a number.</summary>
    static abstract int Bytes { get; }

    static abstract TVector Load<TLanes, TVector>(void* source, nint index)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    static abstract void Store<TLanes, TVector>(void* target, nint index, TVector value)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;
}

/// <summary>Single precision.</summary>
internal readonly unsafe struct SingleStorage : IStorage
{
    public static int Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => sizeof(float);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(void* source, nint index)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.Load((float*)source + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TLanes, TVector>(void* target, nint index, TVector value)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.Store((float*)target + index, value);
}

/// <summary>bfloat16.</summary>
internal readonly unsafe struct BrainStorage : IStorage
{
    public static int Bytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => sizeof(ushort);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(void* source, nint index)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.LoadBrain((ushort*)source + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TLanes, TVector>(void* target, nint index, TVector value)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.StoreBrain((ushort*)target + index, value);
}
