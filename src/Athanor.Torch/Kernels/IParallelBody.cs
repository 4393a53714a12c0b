namespace Athanor.Torch.Kernels;

/// <summary>A loop's body for <see cref="OpenMp"/>. A struct, so that starting a loop allocates nothing.</summary>
internal interface IParallelBody
{
    /// <summary>Runs the iterations [from, to).</summary>
    /// <param name="from">The first.</param>
    /// <param name="to">After the last.</param>
    /// <param name="thread">Which of the loop's threads this is, from 0.</param>
    void Run(int from, int to, int thread);
}
