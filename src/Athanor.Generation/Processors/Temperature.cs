namespace Athanor.Generation.Processors;

/// <summary>Divides the logits by a temperature: below 1 the distribution sharpens, above 1 it flattens (Ackley, Hinton and Sejnowski 1985).</summary>
/// <param name="temperature">Above 0.</param>
public sealed class Temperature(double temperature) : ILogitsProcessor
{
    private readonly float _temperature = temperature > 0 ? (float)temperature : throw new ArgumentOutOfRangeException(nameof(temperature));

    /// <inheritdoc/>
    public void Process(Span<float> logits, DecodingContext context)
    {
        foreach (ref float logit in logits)
        {
            logit /= _temperature;
        }
    }
}
