namespace Athanor.Training.Schedules;

/// <summary>How a learning rate falls after its warm-up.</summary>
public enum ScheduleShape
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>In a straight line to the minimum.</summary>
    Linear,

    /// <summary>Along half a cosine to the minimum (Loshchilov and Hutter 2017, SGDR, equation 5, one period).</summary>
    Cosine,

    /// <summary>As a power of what remains.</summary>
    Polynomial,

    /// <summary>Stays, then falls over the last <see cref="LearningRateSchedule.DecaySteps"/> (warm-up, stable, decay: Hu et al. 2024, MiniCPM, section 4).</summary>
    WarmupStableDecay,

    /// <summary>As one over the square root of the step (Vaswani et al. 2017, equation 3); knows no end and no minimum.</summary>
    InverseSquareRoot,
}

/// <summary>How <see cref="ScheduleShape.WarmupStableDecay"/> falls, q being the share of the decay that has passed.</summary>
public enum DecayShape
{
    /// <summary>1 − q.</summary>
    Linear,

    /// <summary>1 − √q (Hägele et al. 2024, section 3).</summary>
    OneMinusSquareRoot,
}

/// <summary>A learning rate as a function of the number of updates: a straight warm-up from zero, then a shape.</summary>
public sealed record LearningRateSchedule
{
    /// <summary>The shape after the warm-up.</summary>
    public required ScheduleShape Shape { get; init; }

    /// <summary>The rate at the end of the warm-up.</summary>
    public double BaseRate { get; init; } = 1;

    /// <summary>Updates of the warm-up.</summary>
    public long WarmupSteps { get; init; }

    /// <summary>Updates in all; later ones have the last rate.</summary>
    public long TotalSteps { get; init; }

    /// <summary>The rate at the end.</summary>
    public double MinimumRate { get; init; }

    /// <summary>The power of <see cref="ScheduleShape.Polynomial"/>.</summary>
    public double Power { get; init; } = 1;

    /// <summary>Updates of the decay of <see cref="ScheduleShape.WarmupStableDecay"/>.</summary>
    public long DecaySteps { get; init; }

    /// <summary>The decay of <see cref="ScheduleShape.WarmupStableDecay"/>.</summary>
    public DecayShape DecayShape { get; init; }

    /// <summary>The rate when <paramref name="step"/> updates have been made. Training asks for the number counted from 1, since the rate at 0 is zero.</summary>
    public double At(long step)
    {
        if (step < WarmupSteps)
        {
            return BaseRate * step / WarmupSteps;
        }

        double range = BaseRate - MinimumRate;
        return Shape switch
        {
            ScheduleShape.Constant => BaseRate,
            ScheduleShape.Linear => MinimumRate + (range * (1 - Passed(step))),
            ScheduleShape.Cosine => MinimumRate + (range * (1 + Math.Cos(Math.PI * Passed(step))) / 2),
            ScheduleShape.Polynomial => MinimumRate + (range * Math.Pow(1 - Passed(step), Power)),
            ScheduleShape.InverseSquareRoot => BaseRate * Math.Sqrt(Math.Max(1, WarmupSteps) / (double)Math.Max(1, step)),
            ScheduleShape.WarmupStableDecay => MinimumRate + (range * Decay(step)),
            _ => throw new InvalidOperationException($"unknown shape {Shape}"),
        };
    }

    private double Passed(long step) => TotalSteps <= WarmupSteps ? 1 : Math.Min(1, (step - WarmupSteps) / (double)(TotalSteps - WarmupSteps));

    private double Decay(long step)
    {
        long begin = TotalSteps - DecaySteps;
        if (step <= begin || DecaySteps == 0)
        {
            return 1;
        }

        double passed = Math.Min(1, (step - begin) / (double)DecaySteps);
        return DecayShape == DecayShape.Linear ? 1 - passed : 1 - Math.Sqrt(passed);
    }
}
