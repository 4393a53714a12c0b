using Athanor.Core.Stages;
using Athanor.Torch;
using Athanor.Training.Rules;

namespace Athanor.Training.Pretraining;

/// <summary>The type a training computes in, and how that was decided.</summary>
/// <param name="Name"><c>fp32</c> or <c>bf16</c>.</param>
/// <param name="Type">The executor's type.</param>
/// <param name="MatrixSpeed">The speed of matrix products in that type, FLOP a second.</param>
/// <param name="Derived">The decision as a rule's value.</param>
internal sealed record NumberType(string Name, FloatType Type, double? MatrixSpeed, DerivedValue Derived)
{
    public static NumberType Choose(NumberTypeChoice choice, StageContext context)
    {
        _ = context;
        return choice == NumberTypeChoice.Bf16
            ? new NumberType("bf16", FloatType.BFloat16, null, new DerivedValue("R11", "number_type", "bf16", "set by the user"))
            : new NumberType("fp32", FloatType.Float32, null, new DerivedValue("R11", "number_type", "fp32", "set by the user"));
    }
}
