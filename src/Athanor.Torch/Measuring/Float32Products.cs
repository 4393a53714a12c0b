using System.Runtime.InteropServices;
using Athanor.Torch.Loading;
using TorchSharp;

namespace Athanor.Torch.Measuring;

/// <summary>Libraries that compute single-precision matrix products.</summary>
public enum ProductBackend
{
    /// <summary>libtorch's default, Intel's MKL, which uses AVX2 at most on processors of other makers.</summary>
    Mkl,

    /// <summary>oneDNN, which uses AVX-512 wherever it is.</summary>
    OneDnn,
}

/// <summary>
/// Which library computes single-precision products, for the whole process. libtorch sends them to oneDNN when it is allowed reduced precision there; on processors without
/// matrix units for bfloat16 oneDNN has nothing reduced and computes in full precision with wider vectors. Where it would round (AMX), the self-test refuses it.
/// </summary>
public static unsafe class Float32Products
{
    private const int OneDnnBackend = 2;
    private const int MatrixOperation = 3;
    private const int FullPrecision = 1;
    private const int ReducedAllowed = 3;
    private const int TestedSize = 512;
    private const double LargestError = 1e-3;

    private static readonly Lock Gate = new();
    private static bool? _oneDnnIsExact;

    /// <summary>The library in use.</summary>
    public static ProductBackend Current { get; private set; }

    /// <summary>Whether oneDNN can be switched to and gives full single precision here.</summary>
    public static bool OneDnnIsExact
    {
        get
        {
            lock (Gate)
            {
                return _oneDnnIsExact ??= Test();
            }
        }
    }

    /// <summary>Switches, if the self-test allows it.</summary>
    /// <returns>Whether the library is now in use.</returns>
    public static bool Use(ProductBackend backend)
    {
        if (backend == ProductBackend.OneDnn && !OneDnnIsExact)
        {
            return false;
        }

        if (backend != Current && !Switch(backend == ProductBackend.OneDnn))
        {
            return false;
        }

        Current = backend;
        return true;
    }

    private static bool Switch(bool oneDnn)
    {
        // the same as torch.backends.mkldnn.matmul.fp32_precision in Python; the C++ names belong to this version of libtorch
        if (TorchLoader.TorchLibrary == 0
            || !NativeLibrary.TryGetExport(TorchLoader.TorchLibrary, "_ZN2at13globalContextEv", out nint context)
            || !NativeLibrary.TryGetExport(TorchLoader.TorchLibrary, "_ZN2at7Context19setFloat32PrecisionENS_14Float32BackendENS_9Float32OpENS_16Float32PrecisionE", out nint set))
        {
            return false;
        }

        ((delegate* unmanaged<void*, int, int, int, void>)set)(((delegate* unmanaged<void*>)context)(), OneDnnBackend, MatrixOperation, oneDnn ? ReducedAllowed : FullPrecision);
        return true;
    }

    // a product against double precision: single precision is wrong by 1e-4 here, bfloat16 by 0.5
    private static bool Test()
    {
        using IDisposable noGradient = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        double[] values = new double[TestedSize * TestedSize];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Math.Sin(i * 0.7351) * 1.5;
        }

        torch.Tensor a = torch.tensor(values, [TestedSize, TestedSize]);
        torch.Tensor b = a.t().contiguous().roll(17, 0);
        torch.Tensor expected = a.mm(b);
        if (!Switch(oneDnn: true))
        {
            return false;
        }

        double error = (a.to(torch.ScalarType.Float32).mm(b.to(torch.ScalarType.Float32)).to(torch.ScalarType.Float64) - expected).abs().max().ToDouble();
        Switch(oneDnn: Current == ProductBackend.OneDnn);
        return error < LargestError;
    }
}
