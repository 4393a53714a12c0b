using System.Runtime.Intrinsics;
using Athanor.Models.Specifications;

namespace Athanor.Torch.Kernels;

/// <summary>The kernels between the products, for one width of vectors and one type of activations. Each runs on libtorch's threads and allocates nothing.</summary>
internal abstract unsafe class KernelSet
{
    /// <summary>Bits of the vectors.</summary>
    public abstract int VectorBits { get; }

    /// <summary>Bytes of an activation.</summary>
    public abstract int Bytes { get; }

    /// <summary>The widest that this processor has.</summary>
    /// <param name="type">Single precision or bfloat16.</param>
    public static KernelSet For(FloatType type) => type switch
    {
        FloatType.Float32 => Widest<SingleStorage>(),
        FloatType.BFloat16 => Widest<BrainStorage>(),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    public abstract void Embed(int* tokens, int* places, float* embedding, float* positions, float* stream, int rows, int width);

    public abstract void ScatterAdd(int* index, float* gradient, float* table, int rows, int width);

    public abstract void Norm(in NormArguments arguments, int rows);

    /// <summary>The gradient of a norm; adds to those of its weight and bias.</summary>
    public abstract void NormGradient(in NormArguments arguments, int rows, float* weightGradient, float* biasGradient);

    public abstract void Attend(in AttentionArguments arguments);

    public abstract void AttendGradient(in AttentionArguments arguments);

    public abstract void FeedForward(FeedForwardSpec spec, void* up, void* activated, int rows);

    public abstract void FeedForwardGradient(FeedForwardSpec spec, void* up, void* gradient, int rows);

    public abstract void Softmax(in SoftmaxArguments arguments, int rows);

    /// <summary>One update of Muon for every matrix.</summary>
    public abstract void Orthogonalise(in OrthogonalisedArguments arguments);

    public abstract void AddBias(void* target, float* bias, int rows, int width);

    public abstract void AddColumnSums(void* gradient, float* sums, int rows, int width);

    public abstract void ToBrain(float* source, ushort* target, nint count);

    public abstract void FromBrain(ushort* source, float* target, nint count, bool adds);

    /// <summary>Copies rows of activations; see <see cref="GatherRows"/>.</summary>
    public void Gather(void* source, int* index, void* target, int rows, int width) => OpenMp.For(rows, new GatherRows((byte*)source, index, (byte*)target, width * Bytes));

    private static KernelSet Widest<TStorage>()
        where TStorage : struct, IStorage =>
        Vector512.IsHardwareAccelerated ? new KernelSet<Lanes512, Vector512<float>, TStorage>()
        : Vector256.IsHardwareAccelerated ? new KernelSet<Lanes256, Vector256<float>, TStorage>()
        : new KernelSet<Lanes1, float, TStorage>();
}

/// <summary>The kernels of one width and type.</summary>
internal sealed unsafe class KernelSet<TLanes, TVector, TStorage> : KernelSet
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TStorage : struct, IStorage
{
    public override int VectorBits => TLanes.Count * 32;

    public override int Bytes => TStorage.Bytes;

    public override void Embed(int* tokens, int* places, float* embedding, float* positions, float* stream, int rows, int width) =>
        OpenMp.For(rows, new Embed<TLanes, TVector>(tokens, places, embedding, positions, stream, width));

    public override void ScatterAdd(int* index, float* gradient, float* table, int rows, int width) =>
        OpenMp.For((width + ScatterAdd<TLanes, TVector>.Columns - 1) / ScatterAdd<TLanes, TVector>.Columns, new ScatterAdd<TLanes, TVector>(index, gradient, table, rows, width));

    public override void Norm(in NormArguments arguments, int rows) => OpenMp.For(rows, new NormForward<TLanes, TVector, TStorage>(arguments));

    public override void NormGradient(in NormArguments arguments, int rows, float* weightGradient, float* biasGradient)
    {
        int threads = OpenMp.For(rows, new NormBackward<TLanes, TVector, TStorage>(arguments));
        for (int thread = 0; thread < threads; thread++)
        {
            float* sums = arguments.Sums + (2 * (nint)thread * arguments.Width);
            for (int i = 0; i < arguments.Width; i++)
            {
                weightGradient[i] += sums[i];
                if (biasGradient != null)
                {
                    biasGradient[i] += sums[arguments.Width + i];
                }
            }
        }
    }

    public override void Attend(in AttentionArguments arguments)
    {
        *arguments.Next = 0;
        OpenMp.For(arguments.Items, new AttentionForward<TLanes, TVector, TStorage>(arguments));
    }

    public override void AttendGradient(in AttentionArguments arguments)
    {
        *arguments.Next = 0;
        OpenMp.For(arguments.Items, new AttentionBackward<TLanes, TVector, TStorage>(arguments));
    }

    public override void FeedForward(FeedForwardSpec spec, void* up, void* activated, int rows)
    {
        bool gated = spec.Kind == FeedForwardKind.Gated;
        switch (spec.Activation)
        {
            case Activation.Silu:
                OpenMp.For(rows, new FeedForwardForward<TLanes, TVector, TStorage, Silu>(up, activated, spec.Size, gated));
                break;
            case Activation.Gelu:
                OpenMp.For(rows, new FeedForwardForward<TLanes, TVector, TStorage, Gelu>(up, activated, spec.Size, gated));
                break;
            case Activation.GeluTanh:
                OpenMp.For(rows, new FeedForwardForward<TLanes, TVector, TStorage, GeluTanh>(up, activated, spec.Size, gated));
                break;
            default:
                OpenMp.For(rows, new FeedForwardForward<TLanes, TVector, TStorage, Relu>(up, activated, spec.Size, gated));
                break;
        }
    }

    public override void FeedForwardGradient(FeedForwardSpec spec, void* up, void* gradient, int rows)
    {
        bool gated = spec.Kind == FeedForwardKind.Gated;
        switch (spec.Activation)
        {
            case Activation.Silu:
                OpenMp.For(rows, new FeedForwardBackward<TLanes, TVector, TStorage, Silu>(up, gradient, spec.Size, gated));
                break;
            case Activation.Gelu:
                OpenMp.For(rows, new FeedForwardBackward<TLanes, TVector, TStorage, Gelu>(up, gradient, spec.Size, gated));
                break;
            case Activation.GeluTanh:
                OpenMp.For(rows, new FeedForwardBackward<TLanes, TVector, TStorage, GeluTanh>(up, gradient, spec.Size, gated));
                break;
            default:
                OpenMp.For(rows, new FeedForwardBackward<TLanes, TVector, TStorage, Relu>(up, gradient, spec.Size, gated));
                break;
        }
    }

    public override void Softmax(in SoftmaxArguments arguments, int rows) => OpenMp.For(rows, new Softmax<TLanes, TVector, TStorage>(arguments));

    public override void Orthogonalise(in OrthogonalisedArguments arguments)
    {
        *arguments.Next = 0;
        OpenMp.For(arguments.Count, new Orthogonalised<TLanes, TVector>(arguments));
    }

    public override void AddBias(void* target, float* bias, int rows, int width) => OpenMp.For(rows, new AddBias<TLanes, TVector, TStorage>(target, bias, width));

    public override void AddColumnSums(void* gradient, float* sums, int rows, int width) =>
        OpenMp.For((width + ColumnSums<TLanes, TVector, TStorage>.Columns - 1) / ColumnSums<TLanes, TVector, TStorage>.Columns, new ColumnSums<TLanes, TVector, TStorage>(gradient, sums, rows, width));

    public override void ToBrain(float* source, ushort* target, nint count) =>
        OpenMp.For((int)((count + ToBrain<TLanes, TVector>.Block - 1) / ToBrain<TLanes, TVector>.Block), new ToBrain<TLanes, TVector>(source, target, count));

    public override void FromBrain(ushort* source, float* target, nint count, bool adds) =>
        OpenMp.For((int)((count + FromBrain<TLanes, TVector>.Block - 1) / FromBrain<TLanes, TVector>.Block), new FromBrain<TLanes, TVector>(source, target, count, adds));
}
