using Athanor.Torch;
using Athanor.Torch.Executors;
using Athanor.Torch.Kernels;
using TorchSharp;

namespace Athanor.Training.Optimizers;

/// <summary>How far one update of <see cref="Muon"/> moves a matrix.</summary>
public enum MuonScale
{
    /// <summary>√max(1, rows/columns): the update's spectral norm is that (Jordan et al. 2024).</summary>
    Spectral,

    /// <summary>0.2 √max(rows, columns): the update's root mean square is 0.2, about Adam's, so that both take the same rate and decay (Liu et al. 2025, "Muon is scalable for LLM training", section 2.2).</summary>
    RootMeanSquare,
}

/// <summary>Settings of <see cref="Muon"/>.</summary>
public sealed record MuonSettings
{
    /// <summary>Decay of the momentum.</summary>
    public double Momentum { get; init; } = 0.95;

    /// <summary>Whether the momentum looks one step ahead.</summary>
    public bool Nesterov { get; init; } = true;

    /// <summary>Steps of the orthogonalisation.</summary>
    public int NewtonSchulzSteps { get; init; } = 5;

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init; }

    /// <summary>How far an update moves.</summary>
    public MuonScale Scale { get; init; } = MuonScale.Spectral;
}

/// <summary>
/// Muon (Jordan et al. 2024): momentum, orthogonalised by <see cref="NewtonSchulz"/>. For the matrices between layers; embeddings, heads and vectors belong to <see cref="Adam"/>.
/// b ← μb + g, u = g + μb (or b), W ← (1−ηλ)W − η·scale·orthogonalised(u). In single precision each matrix is one pass of a kernel; elsewhere matrices of one shape, and those that are its transpose, are orthogonalised together.
/// </summary>
public sealed class Muon : Optimizer
{
    private const int MostNumbers = 1 << 28;

    private readonly MuonSettings _settings;
    private readonly torch.Tensor[] _momentum;
    private readonly List<Group> _groups = [];
    private readonly torch.Tensor?[] _gradients;
    private readonly OrthogonalisedMatrix[] _matrices;
    private readonly KernelSet _kernels = KernelSet.For(FloatType.Float32);
    private readonly FusedBuffer _next = new(16, torch.ScalarType.Int32);
    private FusedBuffer? _scratch;
    private int _threads;

    /// <summary>Begins with zero momentum.</summary>
    /// <exception cref="ArgumentException">A weight is not a matrix.</exception>
    public Muon(IReadOnlyList<OptimizedParameter> parameters, MuonSettings settings)
        : base(parameters)
    {
        _settings = settings;
        foreach (OptimizedParameter parameter in parameters)
        {
            if (parameter.Weight.dim() != 2)
            {
                throw new ArgumentException($"{parameter.Name} is not a matrix: Muon is for matrices", nameof(parameters));
            }
        }

        _momentum = [.. parameters.Select(parameter => NewState(parameter, "momentum", parameter.Weight.shape))];
        _gradients = new torch.Tensor?[parameters.Count];
        _matrices = GC.AllocateArray<OrthogonalisedMatrix>(parameters.Count, pinned: true);
    }

    /// <inheritdoc/>
    protected override unsafe bool UpdateInOnePass(IReadOnlyDictionary<string, torch.Tensor> gradients, double learningRate, double gradientScale)
    {
        for (int i = 0; i < Parameters.Count; i++)
        {
            OptimizedParameter parameter = Parameters[i];
            torch.Tensor gradient = gradients[parameter.Name];
            if (!ReferenceEquals(gradient, _gradients[i]))
            {
                bool fits = IsSingle(parameter.Weight) && IsSingle(gradient) && gradient.numel() <= MostNumbers;
                _gradients[i] = fits ? gradient : null;
                _matrices[i] = fits ? MatrixOf(i, gradient) : default;
            }

            if (_gradients[i] is null)
            {
                return false;
            }

            _matrices[i].Shrink = parameter.Decays ? (float)(1 - (learningRate * _settings.WeightDecay)) : 1;
            _matrices[i].Rate = (float)(learningRate * ScaleOf(_matrices[i].Rows, _matrices[i].Columns));
        }

        nint size = 0;
        for (int i = 0; i < _matrices.Length; i++)
        {
            size = Math.Max(size, OrthogonalisedArguments.ScratchFor(_matrices[i].Rows, _matrices[i].Columns));
        }

        int threads = torch.get_num_threads();
        if (_scratch is null || _threads < threads)
        {
            _scratch?.Dispose();
            _scratch = new FusedBuffer(threads * size, torch.ScalarType.Float32);
            _threads = threads;
        }

        fixed (OrthogonalisedMatrix* matrices = _matrices)
        {
            _kernels.Orthogonalise(new OrthogonalisedArguments
            {
                Matrices = matrices,
                Momentum = (float)_settings.Momentum,
                GradientScale = (float)gradientScale,
                LooksAhead = _settings.Nesterov,
                Steps = _settings.NewtonSchulzSteps,
                Scratch = _scratch.Singles,
                ScratchSize = size,
                Next = _next.Integers,
                Count = _matrices.Length,
            });
        }

        return true;
    }

    private static bool IsSingle(torch.Tensor tensor) => tensor.dtype == torch.ScalarType.Float32 && TensorMemory.IsPlain(tensor);

    private unsafe OrthogonalisedMatrix MatrixOf(int index, torch.Tensor gradient)
    {
        torch.Tensor weight = Parameters[index].Weight;
        return new OrthogonalisedMatrix
        {
            Weight = (float*)FusedBuffer.PointerOf(weight),
            Gradient = (float*)FusedBuffer.PointerOf(gradient),
            Momentum = (float*)FusedBuffer.PointerOf(_momentum[index]),
            Rows = (int)weight.shape[0],
            Columns = (int)weight.shape[1],
        };
    }

    // what libtorch's operations need, where the pass over memory cannot be made
    private void Prepare()
    {
        IReadOnlyList<OptimizedParameter> parameters = Parameters;
        if (_groups.Count > 0)
        {
            return;
        }

        foreach (IGrouping<(long, long), int> group in Enumerable.Range(0, parameters.Count).GroupBy(index => Lying(parameters[index].Weight.shape)))
        {
            int[] members = [.. group];
            torch.Tensor weight = parameters[members[0]].Weight;
            _groups.Add(new Group(members, torch.zeros([members.Length, group.Key.Item1, group.Key.Item2], weight.dtype, weight.device).DetachFromDisposeScope()));
        }
    }

    /// <inheritdoc/>
    protected override void Update(IReadOnlyDictionary<string, torch.Tensor> gradients, double learningRate)
    {
        Prepare();
        using Scalar one = 1.0;
        using Scalar decay = _settings.Momentum;
        using Scalar shrink = 1 - (learningRate * _settings.WeightDecay);
        foreach (Group group in _groups)
        {
            for (int slot = 0; slot < group.Members.Length; slot++)
            {
                int index = group.Members[slot];
                torch.Tensor gradient = gradients[Parameters[index].Name];
                torch.Tensor momentum = _momentum[index];
                momentum.mul_(decay).add_(gradient, one);
                using torch.Tensor place = group.Stack.select(0, slot);
                using torch.Tensor target = Standing(index) ? place.t() : place.alias();
                target.copy_(momentum);
                if (_settings.Nesterov)
                {
                    target.mul_(decay).add_(gradient, one);
                }
            }

            using torch.Tensor updates = NewtonSchulz.Orthogonalise(group.Stack, _settings.NewtonSchulzSteps);
            for (int slot = 0; slot < group.Members.Length; slot++)
            {
                int index = group.Members[slot];
                OptimizedParameter parameter = Parameters[index];
                using torch.Tensor place = updates.select(0, slot);
                using torch.Tensor update = Standing(index) ? place.t() : place.alias();
                if (parameter.Decays && _settings.WeightDecay != 0)
                {
                    parameter.Weight.mul_(shrink);
                }

                using Scalar rate = -learningRate * ScaleOf(parameter.Weight.shape[0], parameter.Weight.shape[1]);
                parameter.Weight.add_(update, rate);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (Group group in _groups)
        {
            group.Stack.Dispose();
        }

        _scratch?.Dispose();
        _next.Dispose();
        base.Dispose(disposing);
    }

    private static (long Rows, long Columns) Lying(long[] shape) => (Math.Min(shape[0], shape[1]), Math.Max(shape[0], shape[1]));

    private bool Standing(int index)
    {
        long[] shape = Parameters[index].Weight.shape;
        return shape[0] > shape[1];
    }

    private double ScaleOf(long rows, long columns) => _settings.Scale == MuonScale.Spectral
        ? Math.Sqrt(Math.Max(1.0, rows / (double)columns))
        : 0.2 * Math.Sqrt(Math.Max(rows, columns));

    private sealed record Group(int[] Members, torch.Tensor Stack);
}
