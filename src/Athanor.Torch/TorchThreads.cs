using TorchSharp;

namespace Athanor.Torch;

/// <summary>The threads that libtorch and the kernels run on.</summary>
public static class TorchThreads
{
    /// <summary>How many there are.</summary>
    public static int Count => torch.get_num_threads();

    /// <summary>Sets how many there are, for the whole process.</summary>
    public static void Use(int count) => torch.set_num_threads(count);
}
