namespace Athanor.Models.Specifications;

/// <summary>How positions enter.</summary>
public abstract record PositionSpec;

/// <summary>A learned vector a position, added to the embedding (GPT-2).</summary>
public sealed record LearnedPositions : PositionSpec;

/// <summary>
/// Queries and keys are turned by angles proportional to the position (Su et al. 2021), halves against halves:
/// q·cos + rotateHalf(q)·sin, rotateHalf([a, b]) = [−b, a].
/// </summary>
/// <param name="Theta">The base of the wavelengths.</param>
/// <param name="Scaling">How the angles were stretched for longer contexts; null where they were not.</param>
public sealed record RotaryPositions(double Theta, RotaryScaling? Scaling = null) : PositionSpec
{
    /// <summary>The angle a position turns each pair by: θ^(−2i / head size), scaled.</summary>
    /// <param name="headSize">The width of a head.</param>
    public double[] Frequencies(int headSize)
    {
        double[] frequencies = new double[headSize / 2];
        for (int i = 0; i < frequencies.Length; i++)
        {
            double frequency = Math.Pow(Theta, -2.0 * i / headSize);
            frequencies[i] = Scaling?.Scale(frequency) ?? frequency;
        }

        return frequencies;
    }
}

/// <summary>How rotary angles are stretched.</summary>
/// <param name="Factor">By how much.</param>
public abstract record RotaryScaling(double Factor)
{
    /// <summary>The stretched angle.</summary>
    public abstract double Scale(double frequency);
}

/// <summary>All angles divided by the factor (Chen et al. 2023, position interpolation).</summary>
/// <param name="Factor">By how much.</param>
public sealed record LinearScaling(double Factor) : RotaryScaling(Factor)
{
    /// <inheritdoc/>
    public override double Scale(double frequency) => frequency / Factor;
}

/// <summary>LLaMA 3.1's scaling: long wavelengths divided by the factor, short ones kept, between them a blend.</summary>
/// <param name="Factor">By how much.</param>
/// <param name="LowFrequencyFactor">Wavelengths longer than the original context divided by this are scaled whole.</param>
/// <param name="HighFrequencyFactor">Wavelengths shorter than the original context divided by this are kept.</param>
/// <param name="OriginalContextLength">The context the model was trained with first.</param>
public sealed record Llama3Scaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalContextLength) : RotaryScaling(Factor)
{
    /// <inheritdoc/>
    public override double Scale(double frequency)
    {
        double turns = OriginalContextLength * frequency / (2 * Math.PI);
        double kept = Math.Clamp((turns - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor), 0, 1);
        return ((1 - kept) * frequency / Factor) + (kept * frequency);
    }
}
