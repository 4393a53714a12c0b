using TorchSharp;

namespace Athanor.Training.Optimizers;

/// <summary>
/// Brings matrices near the closest one with orthonormal rows (or columns), by five steps of a quintic that pushes every singular value towards 1
/// (Jordan et al. 2024, "Muon: an optimizer for hidden layers"): X ← 3.4445 X + (−4.7750 A + 2.0315 A²) X with A = X Xᵀ, from X = G / (‖G‖ + 10⁻⁷).
/// </summary>
public static class NewtonSchulz
{
    // Held for good: TorchSharp does not keep a Scalar alive during the native call it is an argument of
    private static readonly Scalar First = 3.4445;
    private static readonly Scalar Third = -4.7750;
    private static readonly Scalar Fifth = 2.0315;
    private static readonly Scalar Smallest = 1e-7;
    private static readonly Scalar One = 1.0;

    /// <summary>Works on many matrices of one shape in one pass.</summary>
    /// <param name="matrices"><c>[count, rows, columns]</c>, unchanged.</param>
    /// <param name="steps">How many steps.</param>
    /// <returns>A tensor of the same shape, which may be a transposed view.</returns>
    public static torch.Tensor Orthogonalise(torch.Tensor matrices, int steps = 5)
    {
        bool tall = matrices.shape[1] > matrices.shape[2];
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor x = tall ? matrices.transpose(1, 2) : matrices;
        x = x / x.square().sum([1, 2], keepdim: true).sqrt_().add_(Smallest, One);
        for (int step = 0; step < steps; step++)
        {
            torch.Tensor previous = x;
            using torch.Tensor transposed = x.transpose(1, 2);
            using torch.Tensor a = x.bmm(transposed);
            using torch.Tensor polynomial = a.bmm(a);
            polynomial.mul_(Fifth).add_(a, Third);
            // the first coefficient on the diagonal: the step is one product
            using torch.Tensor diagonal = polynomial.diagonal(0, 1, 2);
            diagonal.add_(First, One);
            x = polynomial.bmm(x);
            previous.Dispose();
        }

        return (tall ? x.transpose(1, 2) : x).MoveToOuterDisposeScope();
    }
}
