using Athanor.Core.Files;
using Athanor.Training.Optimizers;
using TorchSharp;

namespace Athanor.Conformance.Training;

public sealed class NewtonSchulzKind : IConformanceKind
{
    public string Kind => "newton-schulz";

    public IReadOnlyList<Precision> Precisions => [Precision.Fp32, Precision.Fp64];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        using SafetensorsFile inputs = reference.OpenInputs();
        foreach (string name in inputs.Tensors.Keys)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor matrix = Tensors.Read(inputs, name, precision);
            results.Add($"orthogonalised.{name}", NewtonSchulz.Orthogonalise(matrix.unsqueeze(0), reference.Parameters["steps"]!.GetValue<int>()).squeeze(0));
        }
    }
}
