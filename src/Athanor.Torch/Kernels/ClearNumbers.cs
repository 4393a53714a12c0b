namespace Athanor.Torch.Kernels;

/// <summary>Sets numbers to zero.</summary>
internal readonly unsafe struct ClearNumbers(float* values, nint count) : IParallelBody
{
    private const int Block = 1 << 15;

    /// <summary>Iterations for so many numbers.</summary>
    public static int Blocks(nint count) => (int)((count + Block - 1) / Block);

    public void Run(int from, int to, int thread)
    {
        nint begin = (nint)from * Block;
        nint end = Math.Min(count, (nint)to * Block);
        for (nint at = begin; at < end; at += Block)
        {
            new Span<float>(values + at, (int)Math.Min(Block, end - at)).Clear();
        }
    }
}
