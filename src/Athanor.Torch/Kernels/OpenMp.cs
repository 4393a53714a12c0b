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
    public static void For(int count, Action<int, int> body) => For(count, new DelegateBody(body));

    /// <summary>Runs the body with ranges [from, to) that cover 0 to <paramref name="count"/>, one a thread, without allocating.</summary>
    /// <returns>How many threads took part: those numbered from 0 up.</returns>
    public static int For<TBody>(int count, TBody body)
        where TBody : struct, IParallelBody
    {
        int threads = Math.Min(torch.get_num_threads(), count);
        if (threads <= 1)
        {
            if (count > 0)
            {
                body.Run(0, count, 0);
            }

            return Math.Max(threads, 0);
        }

        // both stay on this frame, which outlives the threads' work
        Region region = new() { Count = count, Threads = threads, Body = Unsafe.AsPointer(ref body), Run = &Run<TBody> };
        if (Start == null)
        {
            nint address = (nint)Unsafe.AsPointer(ref region);
            Parallel.For(0, threads, thread => Enter((void*)address, thread));
        }
        else
        {
            Start(&Enter, Unsafe.AsPointer(ref region), (uint)threads, 0);
        }

        region.Failure?.Throw();
        return threads;
    }

    [UnmanagedCallersOnly]
    private static void Enter(void* data) => Enter(data, ThreadNumber());

    private static void Enter(void* data, int thread)
    {
        ref Region region = ref Unsafe.AsRef<Region>(data);
        try
        {
            // libgomp may give fewer threads than asked for only when told to (OMP_DYNAMIC), which nobody does here
            region.Run(region.Body, (int)((long)region.Count * thread / region.Threads), (int)((long)region.Count * (thread + 1) / region.Threads), thread);
        }
#pragma warning disable CA1031 // an exception must not cross native frames; it is thrown again by the caller
        catch (Exception exception)
#pragma warning restore CA1031
        {
            region.Failure = ExceptionDispatchInfo.Capture(exception);
        }
    }

    private static void Run<TBody>(void* body, int from, int to, int thread)
        where TBody : struct, IParallelBody => Unsafe.AsRef<TBody>(body).Run(from, to, thread);

    private struct Region
    {
        public int Count;
        public int Threads;
        public void* Body;
        public delegate*<void*, int, int, int, void> Run;
        public ExceptionDispatchInfo? Failure;
    }

    private readonly struct DelegateBody(Action<int, int> body) : IParallelBody
    {
        public void Run(int from, int to, int thread) => body(from, to);
    }
}
