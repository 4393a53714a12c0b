using System.Runtime.CompilerServices;

namespace Athanor.Torch.Kernels;

/// <summary>
/// What attention works on. Queries, keys and values lie side by side in a row: [rows · length, (heads + 2 · key heads) · head size]. Work is shared by (row, key head); within
/// one, queries go in blocks of <see cref="Block"/>, and of the keys only those that some query of a block may see are touched.
/// </summary>
internal unsafe struct AttentionArguments
{
    /// <summary>Queries that are worked on at once.</summary>
    public const int Block = 64;

    /// <summary>Queries that share a range of keys.</summary>
    public const int Panel = 32;

    public int Rows;
    public int Length;
    public int Heads;
    public int KeyHeads;
    public int HeadSize;

    /// <summary>How many keys a query sees, itself included.</summary>
    public int Window;

    /// <summary>Queries, keys and values; after the backward pass their gradients.</summary>
    public void* Input;

    /// <summary>[rows · length, heads · head size].</summary>
    public void* Output;

    /// <summary>The gradient with respect to the output; backward only.</summary>
    public void* OutputGradient;

    /// <summary>Per (row, head, position) the log of the sum of the scores' exponentials.</summary>
    public float* LogSums;

    /// <summary>Per token where its document begins in its row; never falls along a row.</summary>
    public int* Starts;

    /// <summary>[positions, head size / 2]; null where positions are not rotary.</summary>
    public float* Cosine;

    public float* Sine;

    /// <summary>Memory of a thread, <see cref="ScratchFor"/> numbers.</summary>
    public float* Scratch;

    public nint ScratchSize;

    /// <summary>Hands out work; 0 at the start.</summary>
    public int* Next;

    /// <summary>Items of work.</summary>
    public readonly int Items => Rows * KeyHeads;

    /// <summary>The head's width in scratch memory: whole tiles of any width of vectors.</summary>
    public static int Padded(int headSize) => (headSize + 31) / 32 * 32;

    /// <summary>The numbers a thread needs.</summary>
    public static nint ScratchFor(int length, int headSize)
    {
        nint keys = (length + 7) / 8 * 8;
        nint padded = Padded(headSize);
        return (4 * keys * padded) + (2 * keys * Block) + (5 * padded * Block) + (2 * Block);
    }

    /// <summary>The first key that the query at a place of a row sees.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int First(int row, int query)
    {
        int start = Starts[(row * Length) + query];
        return query - start < Window ? start : query - Window + 1;
    }
}

/// <summary>What the forward and the backward pass of attention share.</summary>
internal static unsafe class AttentionRows<TLanes, TVector, TStorage>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TStorage : struct, IStorage
{
    private const float Hidden = -1e30f;

    /// <summary>Copies a head of <paramref name="count"/> tokens into [slots, padded], turned and scaled; the rest is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load(in AttentionArguments a, void* source, nint width, int row, int from, int count, int slots, int column, float* target, int padded, bool turned, float scale)
    {
        int size = a.HeadSize;
        turned &= a.Cosine != null;
        for (int i = 0; i < count; i++)
        {
            nint token = ((nint)row * a.Length) + from + i;
            nint at = (token * width) + column;
            float* to = target + ((nint)i * padded);
            if (turned)
            {
                int half = size / 2;
                nint angle = (nint)(from + i - a.Starts[token]) * half;
                int j = 0;
                for (; j <= half - TLanes.Count; j += TLanes.Count)
                {
                    LoadTurned<TLanes, TVector>(source, at + j, half, a.Cosine + angle + j, a.Sine + angle + j, to + j, scale);
                }

                for (; j < half; j++)
                {
                    LoadTurned<Lanes1, float>(source, at + j, half, a.Cosine + angle + j, a.Sine + angle + j, to + j, scale);
                }
            }
            else
            {
                int j = 0;
                for (; j <= size - TLanes.Count; j += TLanes.Count)
                {
                    TLanes.Store(to + j, TLanes.Multiply(TStorage.Load<TLanes, TVector>(source, at + j), TLanes.Broadcast(scale)));
                }

                for (; j < size; j++)
                {
                    to[j] = TStorage.Load<Lanes1, float>(source, at + j) * scale;
                }
            }

            new Span<float>(to + size, padded - size).Clear();
        }

        if (slots > count)
        {
            new Span<float>(target + ((nint)count * padded), (slots - count) * padded).Clear();
        }
    }

    /// <summary>The reverse of <see cref="Load"/> for gradients: turned back, scaled, and written into a head's columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(in AttentionArguments a, float* source, int padded, void* target, nint width, int row, int from, int count, int column, bool turned, float scale)
    {
        int size = a.HeadSize;
        turned &= a.Cosine != null;
        for (int i = 0; i < count; i++)
        {
            nint token = ((nint)row * a.Length) + from + i;
            nint at = (token * width) + column;
            float* of = source + ((nint)i * padded);
            if (turned)
            {
                int half = size / 2;
                nint angle = (nint)(from + i - a.Starts[token]) * half;
                int j = 0;
                for (; j <= half - TLanes.Count; j += TLanes.Count)
                {
                    StoreTurned<TLanes, TVector>(of + j, half, a.Cosine + angle + j, a.Sine + angle + j, target, at + j, scale);
                }

                for (; j < half; j++)
                {
                    StoreTurned<Lanes1, float>(of + j, half, a.Cosine + angle + j, a.Sine + angle + j, target, at + j, scale);
                }
            }
            else
            {
                int j = 0;
                for (; j <= size - TLanes.Count; j += TLanes.Count)
                {
                    TStorage.Store<TLanes, TVector>(target, at + j, TLanes.Multiply(TLanes.Load(of + j), TLanes.Broadcast(scale)));
                }

                for (; j < size; j++)
                {
                    TStorage.Store<Lanes1, float>(target, at + j, of[j] * scale);
                }
            }
        }
    }

    /// <summary>[Block, padded] to [size, Block].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* source, int padded, int size, float* target)
    {
        for (int c = 0; c < size; c++)
        {
            float* to = target + (c * AttentionArguments.Block);
            float* of = source + c;
            for (int q = 0; q < AttentionArguments.Block; q += 4)
            {
                float first = *of;
                float second = of[padded];
                float third = of[2 * padded];
                to[q] = first;
                to[q + 1] = second;
                to[q + 2] = third;
                to[q + 3] = of[3 * padded];
                of += 4 * padded;
            }
        }
    }

    /// <summary>The keys [from, to) that a panel of queries may see, rounded to whole tiles; empty for a panel beyond the row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (int From, int To) KeysOf(in AttentionArguments a, int row, int query, int keys) =>
        query >= a.Length ? (0, 0) : (a.First(row, query) & ~7, Math.Min(keys, query + AttentionArguments.Panel));

    /// <summary>scores[k, q] = key k · query q for a panel of queries; scores are [keys, Block], query channels [size, Block].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Products(float* keyRows, int padded, float* channels, float* scores, int panel, int from, int to, int size)
    {
        for (int column = panel; column < panel + AttentionArguments.Panel; column += Tile<TLanes, TVector>.Columns)
        {
            for (int k = from; k < to; k += Tile<TLanes, TVector>.Rows)
            {
                Tile<TLanes, TVector>.Multiply(
                    keyRows + ((nint)k * padded), padded, 1, channels + column, AttentionArguments.Block, scores + ((nint)k * AttentionArguments.Block) + column, AttentionArguments.Block, size, add: false);
            }
        }
    }

    /// <summary>Hides what a vector of queries must not see of a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Mask(TVector scores, int key, TVector queries, TVector firsts)
    {
        TVector place = TLanes.Broadcast(key);
        scores = TLanes.SelectLess(place, firsts, TLanes.Broadcast(Hidden), scores);
        return TLanes.SelectLess(queries, place, TLanes.Broadcast(Hidden), scores);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadTurned<TL, TV>(void* source, nint at, int half, float* cosine, float* sine, float* to, float scale)
        where TL : struct, ILanes<TV>
        where TV : struct
    {
        TV factor = TL.Broadcast(scale);
        TV first = TL.Multiply(TStorage.Load<TL, TV>(source, at), factor);
        TV second = TL.Multiply(TStorage.Load<TL, TV>(source, at + half), factor);
        TV c = TL.Load(cosine);
        TV s = TL.Load(sine);
        TL.Store(to, TL.Subtract(TL.Multiply(first, c), TL.Multiply(second, s)));
        TL.Store(to + half, TL.MultiplyAdd(second, c, TL.Multiply(first, s)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreTurned<TL, TV>(float* of, int half, float* cosine, float* sine, void* target, nint at, float scale)
        where TL : struct, ILanes<TV>
        where TV : struct
    {
        TV factor = TL.Broadcast(scale);
        TV first = TL.Multiply(TL.Load(of), factor);
        TV second = TL.Multiply(TL.Load(of + half), factor);
        TV c = TL.Load(cosine);
        TV s = TL.Load(sine);
        TStorage.Store<TL, TV>(target, at, TL.MultiplyAdd(first, c, TL.Multiply(second, s)));
        TStorage.Store<TL, TV>(target, at + half, TL.Subtract(TL.Multiply(second, c), TL.Multiply(first, s)));
    }
}
