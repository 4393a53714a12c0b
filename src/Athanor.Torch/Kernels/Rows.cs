using System.Runtime.CompilerServices;

namespace Athanor.Torch.Kernels;

/// <summary>Looks tokens up: the residual stream's beginning, with learned positions added where there are some.</summary>
internal readonly unsafe struct Embed<TLanes, TVector>(int* tokens, int* places, float* embedding, float* positions, float* stream, int width) : IParallelBody
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int from, int to, int thread)
    {
        for (int row = from; row < to; row++)
        {
            float* of = embedding + ((nint)tokens[row] * width);
            float* target = stream + ((nint)row * width);
            if (positions == null)
            {
                new Span<float>(of, width).CopyTo(new Span<float>(target, width));
                continue;
            }

            float* position = positions + ((nint)places[row] * width);
            int i = 0;
            for (; i <= width - TLanes.Count; i += TLanes.Count)
            {
                TLanes.Store(target + i, TLanes.Add(TLanes.Load(of + i), TLanes.Load(position + i)));
            }

            for (; i < width; i++)
            {
                target[i] = of[i] + position[i];
            }
        }
    }
}

/// <summary>Adds rows of a gradient to the rows of a table that they were looked up from. Shared by columns, so that each sum has one order.</summary>
internal readonly unsafe struct ScatterAdd<TLanes, TVector>(int* index, float* gradient, float* table, int rows, int width) : IParallelBody
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Columns that one iteration covers.</summary>
    public const int Columns = 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int from, int to, int thread)
    {
        int begin = from * Columns;
        int end = Math.Min(width, to * Columns);
        for (int row = 0; row < rows; row++)
        {
            float* target = table + ((nint)index[row] * width);
            float* of = gradient + ((nint)row * width);
            int i = begin;
            for (; i <= end - TLanes.Count; i += TLanes.Count)
            {
                TLanes.Store(target + i, TLanes.Add(TLanes.Load(target + i), TLanes.Load(of + i)));
            }

            for (; i < end; i++)
            {
                target[i] += of[i];
            }
        }
    }
}

/// <summary>Adds the sum of all rows to a bias's gradient. Shared by columns.</summary>
internal readonly unsafe struct ColumnSums<TLanes, TVector, TStorage>(void* gradient, float* sums, int rows, int width) : IParallelBody
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TStorage : struct, IStorage
{
    /// <summary>Columns that one iteration covers.</summary>
    public const int Columns = 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int from, int to, int thread)
    {
        int begin = from * Columns;
        int end = Math.Min(width, to * Columns);
        for (int row = 0; row < rows; row++)
        {
            nint at = (nint)row * width;
            int i = begin;
            for (; i <= end - TLanes.Count; i += TLanes.Count)
            {
                TLanes.Store(sums + i, TLanes.Add(TLanes.Load(sums + i), TStorage.Load<TLanes, TVector>(gradient, at + i)));
            }

            for (; i < end; i++)
            {
                sums[i] += TStorage.Load<Lanes1, float>(gradient, at + i);
            }
        }
    }
}

/// <summary>Adds a bias to every row.</summary>
internal readonly unsafe struct AddBias<TLanes, TVector, TStorage>(void* target, float* bias, int width) : IParallelBody
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TStorage : struct, IStorage
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int from, int to, int thread)
    {
        for (int row = from; row < to; row++)
        {
            nint at = (nint)row * width;
            int i = 0;
            for (; i <= width - TLanes.Count; i += TLanes.Count)
            {
                TStorage.Store<TLanes, TVector>(target, at + i, TLanes.Add(TStorage.Load<TLanes, TVector>(target, at + i), TLanes.Load(bias + i)));
            }

            for (; i < width; i++)
            {
                TStorage.Store<Lanes1, float>(target, at + i, TStorage.Load<Lanes1, float>(target, at + i) + bias[i]);
            }
        }
    }
}

/// <summary>Copies chosen rows side by side; a negative choice gives a row of zeros.</summary>
internal readonly unsafe struct GatherRows(byte* source, int* index, byte* target, int rowBytes) : IParallelBody
{
    public void Run(int from, int to, int thread)
    {
        for (int row = from; row < to; row++)
        {
            Span<byte> to1 = new(target + ((nint)row * rowBytes), rowBytes);
            if (index[row] < 0)
            {
                to1.Clear();
            }
            else
            {
                new Span<byte>(source + ((nint)index[row] * rowBytes), rowBytes).CopyTo(to1);
            }
        }
    }
}

/// <summary>Single precision to bfloat16.</summary>
internal readonly unsafe struct ToBrain<TLanes, TVector>(float* source, ushort* target, nint count) : IParallelBody
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Numbers that one iteration covers.</summary>
    public const int Block = 4096;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int from, int to, int thread)
    {
        nint end = Math.Min(count, (nint)to * Block);
        nint i = (nint)from * Block;
        for (; i <= end - TLanes.Count; i += TLanes.Count)
        {
            TLanes.StoreBrain(target + i, TLanes.Load(source + i));
        }

        for (; i < end; i++)
        {
            Lanes1.StoreBrain(target + i, source[i]);
        }
    }
}

/// <summary>Adds bfloat16 numbers to single-precision ones, or sets these.</summary>
internal readonly unsafe struct FromBrain<TLanes, TVector>(ushort* source, float* target, nint count, bool adds) : IParallelBody
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
{
    /// <summary>Numbers that one iteration covers.</summary>
    public const int Block = 4096;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int from, int to, int thread)
    {
        nint end = Math.Min(count, (nint)to * Block);
        nint i = (nint)from * Block;
        for (; i <= end - TLanes.Count; i += TLanes.Count)
        {
            TVector value = TLanes.LoadBrain(source + i);
            TLanes.Store(target + i, adds ? TLanes.Add(TLanes.Load(target + i), value) : value);
        }

        for (; i < end; i++)
        {
            target[i] = Lanes1.LoadBrain(source + i) + (adds ? target[i] : 0);
        }
    }
}
