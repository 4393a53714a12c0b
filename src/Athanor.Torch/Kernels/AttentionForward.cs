using System.Runtime.CompilerServices;

namespace Athanor.Torch.Kernels;

/// <summary>
/// Causal attention with rotary positions inside. Scores stand transposed, [keys, queries], so that a vector holds one key's scores for many queries and the softmax needs no sums
/// across a vector. What is seen is decided a block at a time; masks are applied only along the edges.
/// </summary>
internal readonly unsafe struct AttentionForward<TLanes, TVector, TStorage>(AttentionArguments arguments) : IParallelBody
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TStorage : struct, IStorage
{
    public void Run(int from, int to, int thread)
    {
        float* scratch = arguments.Scratch + (thread * arguments.ScratchSize);
        for (int item = Interlocked.Increment(ref *arguments.Next) - 1; item < arguments.Items; item = Interlocked.Increment(ref *arguments.Next) - 1)
        {
            Item(item / arguments.KeyHeads, item % arguments.KeyHeads, scratch);
        }
    }

    private void Item(int row, int group, float* scratch)
    {
        const int Block = AttentionArguments.Block;
        int size = arguments.HeadSize;
        int padded = AttentionArguments.Padded(size);
        int keys = (arguments.Length + 7) / 8 * 8;
        int shared = arguments.Heads / arguments.KeyHeads;
        nint width = (nint)(arguments.Heads + (2 * arguments.KeyHeads)) * size;
        float* keyRows = scratch;
        float* valueRows = keyRows + ((nint)keys * padded);
        float* scores = valueRows + ((nint)keys * padded);
        float* queryRows = scores + ((nint)keys * Block);
        float* channels = queryRows + (Block * padded);
        float* mixed = channels + (Block * padded);
        float* inverse = mixed + (Block * padded);
        AttentionRows<TLanes, TVector, TStorage>.Load(arguments, arguments.Input, width, row, 0, arguments.Length, keys, (arguments.Heads + group) * size, keyRows, padded, true, 1);
        AttentionRows<TLanes, TVector, TStorage>.Load(arguments, arguments.Input, width, row, 0, arguments.Length, keys, (arguments.Heads + arguments.KeyHeads + group) * size, valueRows, padded, false, 1);
        float scale = (float)(1 / Math.Sqrt(size));
        for (int head = group * shared; head < (group + 1) * shared; head++)
        {
            for (int query = 0; query < arguments.Length; query += Block)
            {
                int count = Math.Min(Block, arguments.Length - query);
                AttentionRows<TLanes, TVector, TStorage>.Load(arguments, arguments.Input, width, row, query, count, Block, head * size, queryRows, padded, true, scale);
                AttentionRows<TLanes, TVector, TStorage>.Transpose(queryRows, padded, size, channels);
                float* logSums = arguments.LogSums + ((((nint)row * arguments.Heads) + head) * arguments.Length) + query;
                for (int panel = 0; panel < count; panel += AttentionArguments.Panel)
                {
                    (int from, int to) = AttentionRows<TLanes, TVector, TStorage>.KeysOf(arguments, row, query + panel, keys);
                    AttentionRows<TLanes, TVector, TStorage>.Products(keyRows, padded, channels, scores, panel, from, to, size);
                    Softmax(row, query, panel, from, to, scores, inverse, logSums);
                    Mix(row, query, panel, from, to, scores, valueRows, padded, mixed);
                }

                Store(row, query, count, head * size, mixed, padded, inverse);
            }
        }
    }

    // leaves exp(score − largest) in scores, and one over their sums
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Softmax(int row, int query, int panel, int from, int to, float* scores, float* inverse, float* logSums)
    {
        const int Block = AttentionArguments.Block;
        float* firsts = stackalloc float[AttentionArguments.Panel];
        float* places = stackalloc float[AttentionArguments.Panel];
        float* sums = stackalloc float[AttentionArguments.Panel];
        float* tops = stackalloc float[AttentionArguments.Panel];
        int length = arguments.Length;
        int lastFirst = 0;
        for (int i = 0; i < AttentionArguments.Panel; i++)
        {
            int at = Math.Min(query + panel + i, length - 1);
            lastFirst = arguments.First(row, at);
            firsts[i] = lastFirst;
            places[i] = query + panel + i;
        }

        for (int lane = 0; lane < AttentionArguments.Panel; lane += TLanes.Count)
        {
            TVector first = TLanes.Load(firsts + lane);
            TVector place = TLanes.Load(places + lane);
            float* column = scores + panel + lane;
            TVector largest = TLanes.Broadcast(float.NegativeInfinity);
            for (int k = from; k < to; k++)
            {
                TVector score = TLanes.Load(column + ((nint)k * Block));
                if (k < lastFirst || k > query + panel + lane)
                {
                    score = AttentionRows<TLanes, TVector, TStorage>.Mask(score, k, place, first);
                    TLanes.Store(column + ((nint)k * Block), score);
                }

                largest = TLanes.Max(largest, score);
            }

            TVector sum = TLanes.Broadcast(0);
            for (int k = from; k < to; k++)
            {
                TVector e = Functions<TLanes, TVector>.Exp(TLanes.Subtract(TLanes.Load(column + ((nint)k * Block)), largest));
                TLanes.Store(column + ((nint)k * Block), e);
                sum = TLanes.Add(sum, e);
            }

            TLanes.Store(inverse + panel + lane, TLanes.Divide(TLanes.Broadcast(1), sum));
            TLanes.Store(sums, sum);
            TLanes.Store(tops, largest);
            for (int i = 0; i < TLanes.Count && query + panel + lane + i < length; i++)
            {
                logSums[panel + lane + i] = tops[i] + MathF.Log(sums[i]);
            }
        }
    }

    private void Mix(int row, int query, int panel, int from, int to, float* scores, float* valueRows, int padded, float* mixed)
    {
        const int Block = AttentionArguments.Block;
        for (int q = panel; q < panel + AttentionArguments.Panel && query + q < arguments.Length; q += Tile<TLanes, TVector>.Rows)
        {
            int first = arguments.First(row, query + q) & ~7;
            int last = Math.Min(to, query + q + Tile<TLanes, TVector>.Rows);
            for (int column = 0; column < padded; column += Tile<TLanes, TVector>.Columns)
            {
                Tile<TLanes, TVector>.Multiply(
                    scores + ((nint)first * Block) + q, 1, Block, valueRows + ((nint)first * padded) + column, padded, mixed + ((nint)q * padded) + column, padded, last - first, add: false);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Store(int row, int query, int count, int column, float* mixed, int padded, float* inverse)
    {
        int size = arguments.HeadSize;
        nint width = (nint)arguments.Heads * size;
        for (int i = 0; i < count; i++)
        {
            nint at = ((((nint)row * arguments.Length) + query + i) * width) + column;
            float* of = mixed + ((nint)i * padded);
            TVector factor = TLanes.Broadcast(inverse[i]);
            int j = 0;
            for (; j <= size - TLanes.Count; j += TLanes.Count)
            {
                TStorage.Store<TLanes, TVector>(arguments.Output, at + j, TLanes.Multiply(TLanes.Load(of + j), factor));
            }

            for (; j < size; j++)
            {
                TStorage.Store<Lanes1, float>(arguments.Output, at + j, of[j] * inverse[i]);
            }
        }
    }
}
