using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Athanor.Torch.Loading;
using TorchSharp;

namespace Athanor.Torch.Kernels;

/// <summary>
/// Runs a loop on libtorch's own OpenMP threads. Threads of .NET beside them would fight with those of libgomp, which spin for a moment after each product.
/// Iterations are split evenly and in order, so that a result never depends on timing.
/// </summary>
internal static unsafe class OpenMp
{
    private static readonly delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void> Start =
        TorchLoader.OpenMpLibrary == 0 ? null : (delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void>)NativeLibrary.GetExport(TorchLoader.OpenMpLibrary, "GOMP_parallel");

    private static readonly delegate* unmanaged<int> ThreadNumber =
        TorchLoader.OpenMpLibrary == 0 ? null : (delegate* unmanaged<int>)NativeLibrary.GetExport(TorchLoader.OpenMpLibrary, "omp_get_thread_num");

    /// <summary>Calls the body with ranges [from, to) that cover 0 to <paramref name="count"/>, one a thread.</summary>
    public static void For(int count, Action<int, int> body)
    {
        int threads = Math.Min(torch.get_num_threads(), count);
        if (threads <= 1)
        {
            if (count > 0)
            {
                body(0, count);
            }

            return;
        }

        if (Start == null)
        {
            Parallel.For(0, threads, thread => body((int)((long)count * thread / threads), (int)((long)count * (thread + 1) / threads)));
            return;
        }

        Region region = new(count, threads, body);
        GCHandle handle = GCHandle.Alloc(region);
        try
        {
            Start(&Enter, (void*)GCHandle.ToIntPtr(handle), (uint)threads, 0);
        }
        finally
        {
            handle.Free();
        }

        region.Failure?.Throw();
    }

    [UnmanagedCallersOnly]
    private static void Enter(void* data)
    {
        Region region = Unsafe.As<Region>(GCHandle.FromIntPtr((nint)data).Target!);
        int thread = ThreadNumber();
        try
        {
            // libgomp may give fewer threads than asked for only when told to (OMP_DYNAMIC), which nobody does here
            region.Body((int)((long)region.Count * thread / region.Threads), (int)((long)region.Count * (thread + 1) / region.Threads));
        }
#pragma warning disable CA1031 // an exception must not cross native frames; it is thrown again by the caller
        catch (Exception exception)
#pragma warning restore CA1031
        {
            region.Failure = ExceptionDispatchInfo.Capture(exception);
        }
    }

    private sealed class Region(int count, int threads, Action<int, int> body)
    {
        public int Count { get; } = count;

        public int Threads { get; } = threads;

        public Action<int, int> Body { get; } = body;

        public ExceptionDispatchInfo? Failure { get; set; }
    }
}
