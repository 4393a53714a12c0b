using System.Numerics;

namespace Athanor.Torch.Kernels;

/// <summary>Sums of squares in double precision, one a block of numbers: how the blocks are shared among threads changes nothing.</summary>
internal readonly unsafe struct SumOfSquares(float* values, nint count, double* sums) : IParallelBody
{
    /// <summary>Numbers of a block.</summary>
    public const int Block = 1 << 15;

    /// <summary>Blocks of so many numbers.</summary>
    public static int Blocks(nint count) => (int)((count + Block - 1) / Block);

    public void Run(int from, int to, int thread)
    {
        for (int block = from; block < to; block++)
        {
            nint begin = (nint)block * Block;
            ReadOnlySpan<float> numbers = new(values + begin, (int)Math.Min(Block, count - begin));
            Vector<double> sum = Vector<double>.Zero;
            Vector<double> more = Vector<double>.Zero;
            int i = 0;
            for (; i <= numbers.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector.Widen(new Vector<float>(numbers[i..]), out Vector<double> low, out Vector<double> high);
                sum += low * low;
                more += high * high;
            }

            double total = Vector.Sum(sum + more);
            for (; i < numbers.Length; i++)
            {
                total += (double)numbers[i] * numbers[i];
            }

            sums[block] = total;
        }
    }
}
