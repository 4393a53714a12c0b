using System.Runtime.CompilerServices;

namespace Athanor.Torch.Kernels;

/// <summary>What the head's softmax works on: a chunk of rows of logits and what is known and wanted of each row.</summary>
internal unsafe struct SoftmaxArguments
{
    /// <summary>[rows, vocabulary]; a gradient takes their place.</summary>
    public void* Logits;

    /// <summary>The target of each row; negative for a row that only fills the chunk, whose gradient is zero.</summary>
    public int* Targets;

    public int Vocabulary;

    /// <summary>The log-probability of each target.</summary>
    public float* LogProbability;

    public float* LogPartition;

    public float* MeanLogProbability;

    /// <summary>The loss's gradient with respect to the three above; where <see cref="Computes"/> it is derived here.</summary>
    public float* OnLogProbability;

    public float* OnLogPartition;

    public float* OnMean;

    /// <summary>Whether the three above are to be computed; else the log-partition is known.</summary>
    public bool Computes;

    /// <summary>Whether logits become their gradient.</summary>
    public bool Differentiates;

    /// <summary>For a loss derived here, (1−ε)(−log p) + ε·mean(−log p) + ζ(log Z)²: one over the number of targets; 0 where the gradients are given.</summary>
    public float Share;

    public float Smoothing;

    public float ZLoss;
}

/// <summary>
/// log-softmax of rows of logits and its gradient: d log p = onehot − p, d log Z = p, d mean = 1/V − p. Each row is finished while it is in the processor's cache.
/// </summary>
internal readonly unsafe struct Softmax<TLanes, TVector, TStorage>(SoftmaxArguments arguments) : IParallelBody
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TStorage : struct, IStorage
{
    public void Run(int from, int to, int thread)
    {
        for (int row = from; row < to; row++)
        {
            nint at = (nint)row * arguments.Vocabulary;
            int target = arguments.Targets[row];
            if (target < 0)
            {
                Clear(at);
                continue;
            }

            if (arguments.Computes)
            {
                Compute(row, at, target);
            }

            if (arguments.Differentiates)
            {
                float onTarget = arguments.Share == 0 ? arguments.OnLogProbability[row] : (arguments.Smoothing - 1) * arguments.Share;
                float onMean = arguments.Share == 0 ? arguments.OnMean[row] : -arguments.Smoothing * arguments.Share;
                float onPartition = arguments.Share == 0 ? arguments.OnLogPartition[row] : 2 * arguments.ZLoss * arguments.Share * arguments.LogPartition[row];
                Differentiate(at, target, arguments.LogPartition[row], onPartition - onTarget - onMean, onTarget, onMean / arguments.Vocabulary);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Compute(int row, nint at, int target)
    {
        int count = arguments.Vocabulary;
        void* logits = arguments.Logits;
        TVector largest = TLanes.Broadcast(float.NegativeInfinity);
        TVector total = TLanes.Broadcast(0);
        int i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
        {
            TVector x = TStorage.Load<TLanes, TVector>(logits, at + i);
            largest = TLanes.Max(largest, x);
            total = TLanes.Add(total, x);
        }

        float top = TLanes.Largest(largest);
        float sum = TLanes.Sum(total);
        for (; i < count; i++)
        {
            float x = TStorage.Load<Lanes1, float>(logits, at + i);
            top = Lanes1.Max(top, x);
            sum += x;
        }

        TVector shift = TLanes.Broadcast(top);
        TVector exponentials = TLanes.Broadcast(0);
        for (i = 0; i <= count - TLanes.Count; i += TLanes.Count)
        {
            exponentials = TLanes.Add(exponentials, Functions<TLanes, TVector>.Exp(TLanes.Subtract(TStorage.Load<TLanes, TVector>(logits, at + i), shift)));
        }

        float partition = TLanes.Sum(exponentials);
        for (; i < count; i++)
        {
            partition += Functions<Lanes1, float>.Exp(TStorage.Load<Lanes1, float>(logits, at + i) - top);
        }

        float log = top + MathF.Log(partition);
        arguments.LogPartition[row] = log;
        arguments.LogProbability[row] = TStorage.Load<Lanes1, float>(logits, at + target) - log;
        arguments.MeanLogProbability[row] = (sum / count) - log;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Differentiate(nint at, int target, float logPartition, float onProbability, float onTarget, float onEach)
    {
        int count = arguments.Vocabulary;
        void* logits = arguments.Logits;
        float wanted = TStorage.Load<Lanes1, float>(logits, at + target);
        TVector log = TLanes.Broadcast(logPartition);
        TVector factor = TLanes.Broadcast(onProbability);
        TVector each = TLanes.Broadcast(onEach);
        int i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
        {
            TVector probability = Functions<TLanes, TVector>.Exp(TLanes.Subtract(TStorage.Load<TLanes, TVector>(logits, at + i), log));
            TStorage.Store<TLanes, TVector>(logits, at + i, TLanes.MultiplyAdd(probability, factor, each));
        }

        for (; i < count; i++)
        {
            TStorage.Store<Lanes1, float>(logits, at + i, (Functions<Lanes1, float>.Exp(TStorage.Load<Lanes1, float>(logits, at + i) - logPartition) * onProbability) + onEach);
        }

        TStorage.Store<Lanes1, float>(logits, at + target, (Functions<Lanes1, float>.Exp(wanted - logPartition) * onProbability) + onEach + onTarget);
    }

    private void Clear(nint at) => new Span<byte>((byte*)arguments.Logits + (at * TStorage.Bytes), arguments.Vocabulary * TStorage.Bytes).Clear();
}
