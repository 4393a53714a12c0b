using System.Runtime.CompilerServices;

namespace Athanor.Torch.Kernels;

/// <summary>
/// The gradient of <see cref="AttentionForward{TLanes,TVector,TStorage}"/>: probabilities are computed again from the saved log-sums (Dao et al. 2022, algorithm 4), and
/// the gradients of queries, keys and values take their places.
/// </summary>
internal readonly unsafe struct AttentionBackward<TLanes, TVector, TStorage>(AttentionArguments arguments) : IParallelBody
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
        int length = arguments.Length;
        int keys = (length + 7) / 8 * 8;
        int shared = arguments.Heads / arguments.KeyHeads;
        nint width = (nint)(arguments.Heads + (2 * arguments.KeyHeads)) * size;
        nint outputWidth = (nint)arguments.Heads * size;
        int keyColumn = (arguments.Heads + group) * size;
        int valueColumn = (arguments.Heads + arguments.KeyHeads + group) * size;
        Memory m = new(scratch, keys, padded);
        AttentionRows<TLanes, TVector, TStorage>.Load(arguments, arguments.Input, width, row, 0, length, keys, keyColumn, m.KeyRows, padded, true, 1);
        AttentionRows<TLanes, TVector, TStorage>.Load(arguments, arguments.Input, width, row, 0, length, keys, valueColumn, m.ValueRows, padded, false, 1);
        new Span<float>(m.KeyGradients, 2 * keys * padded).Clear();
        float scale = (float)(1 / Math.Sqrt(size));
        for (int head = group * shared; head < (group + 1) * shared; head++)
        {
            for (int query = 0; query < length; query += Block)
            {
                int count = Math.Min(Block, length - query);
                AttentionRows<TLanes, TVector, TStorage>.Load(arguments, arguments.Input, width, row, query, count, Block, head * size, m.QueryRows, padded, true, scale);
                AttentionRows<TLanes, TVector, TStorage>.Load(arguments, arguments.OutputGradient, outputWidth, row, query, count, Block, head * size, m.OutputRows, padded, false, 1);
                AttentionRows<TLanes, TVector, TStorage>.Load(arguments, arguments.Output, outputWidth, row, query, count, Block, head * size, m.QueryGradients, padded, false, 1);
                float* logSums = arguments.LogSums + ((((nint)row * arguments.Heads) + head) * length) + query;
                for (int i = 0; i < Block; i++)
                {
                    m.LogSums[i] = i < count ? logSums[i] : 0;
                    m.Inner[i] = Inner(m.OutputRows + ((nint)i * padded), m.QueryGradients + ((nint)i * padded), padded);
                }

                AttentionRows<TLanes, TVector, TStorage>.Transpose(m.QueryRows, padded, size, m.QueryChannels);
                AttentionRows<TLanes, TVector, TStorage>.Transpose(m.OutputRows, padded, size, m.OutputChannels);
                int first = arguments.First(row, query) & ~7;
                int last = Math.Min(keys, query + Block);
                for (int panel = 0; panel < Block; panel += AttentionArguments.Panel)
                {
                    (int from, int to) = AttentionRows<TLanes, TVector, TStorage>.KeysOf(arguments, row, query + panel, keys);
                    AttentionRows<TLanes, TVector, TStorage>.Products(m.KeyRows, padded, m.QueryChannels, m.Scores, panel, from, to, size);
                    AttentionRows<TLanes, TVector, TStorage>.Products(m.ValueRows, padded, m.OutputChannels, m.Slopes, panel, from, to, size);
                    ScoreGradients(row, query, panel, from, to, m);
                    for (int k = first; k < last; k++)
                    {
                        if (k < from || k >= to)
                        {
                            new Span<float>(m.Scores + ((nint)k * Block) + panel, AttentionArguments.Panel).Clear();
                            new Span<float>(m.Slopes + ((nint)k * Block) + panel, AttentionArguments.Panel).Clear();
                        }
                    }
                }

                QueryGradients(row, query, count, m, padded);
                AttentionRows<TLanes, TVector, TStorage>.Store(arguments, m.QueryGradients, padded, arguments.Input, width, row, query, count, head * size, true, scale);
                KeyAndValueGradients(query, first, last, m, padded);
            }
        }

        AttentionRows<TLanes, TVector, TStorage>.Store(arguments, m.KeyGradients, padded, arguments.Input, width, row, 0, length, keyColumn, true, 1);
        AttentionRows<TLanes, TVector, TStorage>.Store(arguments, m.ValueGradients, padded, arguments.Input, width, row, 0, length, valueColumn, false, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Inner(float* a, float* b, int padded)
    {
        TVector sum = TLanes.Broadcast(0);
        for (int j = 0; j < padded; j += TLanes.Count)
        {
            sum = TLanes.MultiplyAdd(TLanes.Load(a + j), TLanes.Load(b + j), sum);
        }

        return TLanes.Sum(sum);
    }

    // scores become probabilities p, slopes (the gradient of p) become those of the scores, p · (slope − Σ p · slope)
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScoreGradients(int row, int query, int panel, int from, int to, in Memory m)
    {
        const int Block = AttentionArguments.Block;
        float* firsts = stackalloc float[AttentionArguments.Panel];
        float* places = stackalloc float[AttentionArguments.Panel];
        int lastFirst = 0;
        for (int i = 0; i < AttentionArguments.Panel; i++)
        {
            lastFirst = arguments.First(row, Math.Min(query + panel + i, arguments.Length - 1));
            firsts[i] = lastFirst;
            places[i] = query + panel + i;
        }

        for (int lane = 0; lane < AttentionArguments.Panel; lane += TLanes.Count)
        {
            TVector first = TLanes.Load(firsts + lane);
            TVector place = TLanes.Load(places + lane);
            TVector logSum = TLanes.Load(m.LogSums + panel + lane);
            TVector inner = TLanes.Load(m.Inner + panel + lane);
            float* scores = m.Scores + panel + lane;
            float* slopes = m.Slopes + panel + lane;
            for (int k = from; k < to; k++)
            {
                nint at = (nint)k * Block;
                TVector score = TLanes.Load(scores + at);
                if (k < lastFirst || k > query + panel + lane)
                {
                    score = AttentionRows<TLanes, TVector, TStorage>.Mask(score, k, place, first);
                }

                TVector probability = Functions<TLanes, TVector>.Exp(TLanes.Subtract(score, logSum));
                TLanes.Store(scores + at, probability);
                TLanes.Store(slopes + at, TLanes.Multiply(probability, TLanes.Subtract(TLanes.Load(slopes + at), inner)));
            }
        }
    }

    private void QueryGradients(int row, int query, int count, in Memory m, int padded)
    {
        const int Block = AttentionArguments.Block;
        int keys = (arguments.Length + 7) / 8 * 8;
        for (int q = 0; q < count; q += Tile<TLanes, TVector>.Rows)
        {
            int first = arguments.First(row, query + q) & ~7;
            int last = Math.Min(keys, query + q + Tile<TLanes, TVector>.Rows);
            for (int column = 0; column < padded; column += Tile<TLanes, TVector>.Columns)
            {
                Tile<TLanes, TVector>.Multiply(
                    m.Slopes + ((nint)first * Block) + q, 1, Block, m.KeyRows + ((nint)first * padded) + column, padded, m.QueryGradients + ((nint)q * padded) + column, padded, last - first, add: false);
            }
        }
    }

    private static void KeyAndValueGradients(int query, int first, int last, in Memory m, int padded)
    {
        const int Block = AttentionArguments.Block;
        for (int k = first; k < last; k += Tile<TLanes, TVector>.Rows)
        {
            // queries before the key do not see it
            int from = Math.Max(0, (k - query) & ~7);
            nint scores = ((nint)k * Block) + from;
            for (int column = 0; column < padded; column += Tile<TLanes, TVector>.Columns)
            {
                nint of = ((nint)from * padded) + column;
                nint to = ((nint)k * padded) + column;
                Tile<TLanes, TVector>.Multiply(m.Scores + scores, Block, 1, m.OutputRows + of, padded, m.ValueGradients + to, padded, Block - from, add: true);
                Tile<TLanes, TVector>.Multiply(m.Slopes + scores, Block, 1, m.QueryRows + of, padded, m.KeyGradients + to, padded, Block - from, add: true);
            }
        }
    }

    private readonly struct Memory(float* scratch, int keys, int padded)
    {
        public readonly float* KeyRows = scratch;
        public readonly float* ValueRows = scratch + ((nint)keys * padded);
        public readonly float* KeyGradients = scratch + (2 * (nint)keys * padded);
        public readonly float* ValueGradients = scratch + (3 * (nint)keys * padded);
        public readonly float* Scores = scratch + (4 * (nint)keys * padded);
        public readonly float* Slopes = scratch + (4 * (nint)keys * padded) + ((nint)keys * AttentionArguments.Block);
        public readonly float* QueryRows = Blocks(scratch, keys, padded, 0);
        public readonly float* QueryChannels = Blocks(scratch, keys, padded, 1);
        public readonly float* OutputRows = Blocks(scratch, keys, padded, 2);
        public readonly float* OutputChannels = Blocks(scratch, keys, padded, 3);
        public readonly float* QueryGradients = Blocks(scratch, keys, padded, 4);
        public readonly float* LogSums = Blocks(scratch, keys, padded, 5);
        public readonly float* Inner = Blocks(scratch, keys, padded, 5) + AttentionArguments.Block;

        private static float* Blocks(float* scratch, int keys, int padded, int index) =>
            scratch + (4 * (nint)keys * padded) + (2 * (nint)keys * AttentionArguments.Block) + (index * padded * AttentionArguments.Block);
    }
}
