using System.Runtime.CompilerServices;

namespace Athanor.Torch.Kernels;

/// <summary>Products of small matrices whose result stays in registers: eight rows, <see cref="Columns"/> columns.</summary>
internal static unsafe class Tile<TLanes, TVector>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    public const int Rows = 8;

    /// <summary>Columns of a tile: two vectors.</summary>
    public static int Columns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * TLanes.Count;
    }

    /// <summary>c = a · b, or c += a · b; a is [8, depth] with strides of its own, b [depth, Columns], c [8, Columns].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(float* a, nint rowStride, nint columnStride, float* b, nint bStride, float* c, nint cStride, int depth, bool add)
    {
        if (TLanes.HasManyRegisters)
        {
            Eight(a, rowStride, columnStride, b, bStride, c, cStride, depth, add);
        }
        else
        {
            Four(a, rowStride, columnStride, b, bStride, c, cStride, depth, add);
            Four(a + (4 * rowStride), rowStride, columnStride, b, bStride, c + (4 * cStride), cStride, depth, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight(float* a, nint rowStride, nint columnStride, float* b, nint bStride, float* c, nint cStride, int depth, bool add)
    {
        float* a1 = a + rowStride, a2 = a1 + rowStride, a3 = a2 + rowStride, a4 = a3 + rowStride, a5 = a4 + rowStride, a6 = a5 + rowStride, a7 = a6 + rowStride;
        TVector zero = TLanes.Broadcast(0);
        TVector l0 = zero, l1 = zero, l2 = zero, l3 = zero, l4 = zero, l5 = zero, l6 = zero, l7 = zero;
        TVector r0 = zero, r1 = zero, r2 = zero, r3 = zero, r4 = zero, r5 = zero, r6 = zero, r7 = zero;
        nint at = 0;
        for (int i = 0; i < depth; i++)
        {
            TVector left = TLanes.Load(b);
            TVector right = TLanes.Load(b + TLanes.Count);
            TVector s = TLanes.Broadcast(a[at]);
            l0 = TLanes.MultiplyAdd(s, left, l0);
            r0 = TLanes.MultiplyAdd(s, right, r0);
            s = TLanes.Broadcast(a1[at]);
            l1 = TLanes.MultiplyAdd(s, left, l1);
            r1 = TLanes.MultiplyAdd(s, right, r1);
            s = TLanes.Broadcast(a2[at]);
            l2 = TLanes.MultiplyAdd(s, left, l2);
            r2 = TLanes.MultiplyAdd(s, right, r2);
            s = TLanes.Broadcast(a3[at]);
            l3 = TLanes.MultiplyAdd(s, left, l3);
            r3 = TLanes.MultiplyAdd(s, right, r3);
            s = TLanes.Broadcast(a4[at]);
            l4 = TLanes.MultiplyAdd(s, left, l4);
            r4 = TLanes.MultiplyAdd(s, right, r4);
            s = TLanes.Broadcast(a5[at]);
            l5 = TLanes.MultiplyAdd(s, left, l5);
            r5 = TLanes.MultiplyAdd(s, right, r5);
            s = TLanes.Broadcast(a6[at]);
            l6 = TLanes.MultiplyAdd(s, left, l6);
            r6 = TLanes.MultiplyAdd(s, right, r6);
            s = TLanes.Broadcast(a7[at]);
            l7 = TLanes.MultiplyAdd(s, left, l7);
            r7 = TLanes.MultiplyAdd(s, right, r7);
            at += columnStride;
            b += bStride;
        }

        Put(c, l0, r0, add);
        Put(c + cStride, l1, r1, add);
        Put(c + (2 * cStride), l2, r2, add);
        Put(c + (3 * cStride), l3, r3, add);
        Put(c + (4 * cStride), l4, r4, add);
        Put(c + (5 * cStride), l5, r5, add);
        Put(c + (6 * cStride), l6, r6, add);
        Put(c + (7 * cStride), l7, r7, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(float* a, nint rowStride, nint columnStride, float* b, nint bStride, float* c, nint cStride, int depth, bool add)
    {
        float* a1 = a + rowStride, a2 = a1 + rowStride, a3 = a2 + rowStride;
        TVector zero = TLanes.Broadcast(0);
        TVector l0 = zero, l1 = zero, l2 = zero, l3 = zero, r0 = zero, r1 = zero, r2 = zero, r3 = zero;
        nint at = 0;
        for (int i = 0; i < depth; i++)
        {
            TVector left = TLanes.Load(b);
            TVector right = TLanes.Load(b + TLanes.Count);
            TVector s = TLanes.Broadcast(a[at]);
            l0 = TLanes.MultiplyAdd(s, left, l0);
            r0 = TLanes.MultiplyAdd(s, right, r0);
            s = TLanes.Broadcast(a1[at]);
            l1 = TLanes.MultiplyAdd(s, left, l1);
            r1 = TLanes.MultiplyAdd(s, right, r1);
            s = TLanes.Broadcast(a2[at]);
            l2 = TLanes.MultiplyAdd(s, left, l2);
            r2 = TLanes.MultiplyAdd(s, right, r2);
            s = TLanes.Broadcast(a3[at]);
            l3 = TLanes.MultiplyAdd(s, left, l3);
            r3 = TLanes.MultiplyAdd(s, right, r3);
            at += columnStride;
            b += bStride;
        }

        Put(c, l0, r0, add);
        Put(c + cStride, l1, r1, add);
        Put(c + (2 * cStride), l2, r2, add);
        Put(c + (3 * cStride), l3, r3, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* c, TVector left, TVector right, bool add)
    {
        if (add)
        {
            left = TLanes.Add(left, TLanes.Load(c));
            right = TLanes.Add(right, TLanes.Load(c + TLanes.Count));
        }

        TLanes.Store(c, left);
        TLanes.Store(c + TLanes.Count, right);
    }
}
