using Athanor.Training.Schedules;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Athanor.Tests.Training.Schedules;

public sealed class LearningRateScheduleTests
{
    [Fact]
    public void Every_shape_stays_between_zero_and_its_height_and_ends_where_it_says()
    {
        Prop.ForAll(
            Gen.Choose(0, 30).SelectMany(warmup => Gen.Choose(1, 200), (warmup, rest) => (warmup, rest)).SelectMany(_ => Gen.Elements(Enum.GetValues<ScheduleShape>()), (steps, shape) => (steps.warmup, steps.rest, shape)).ToArbitrary(),
            sample =>
            {
                (int warmup, int rest, ScheduleShape shape) = sample;
                LearningRateSchedule schedule = new() { Shape = shape, BaseRate = 2, WarmupSteps = warmup, TotalSteps = warmup + rest, MinimumRate = 0.5, Power = 2, DecaySteps = rest };
                double last = schedule.At(warmup + rest);
                bool ends = shape is ScheduleShape.Constant ? last == 2 : shape is ScheduleShape.InverseSquareRoot || Math.Abs(last - 0.5) < 1e-12;
                return ends && schedule.At(warmup + rest + 5) <= last + 1e-12 && Enumerable.Range(0, warmup + rest + 1).All(step => schedule.At(step) is >= 0 and <= 2);
            }).QuickCheckThrowOnFailure();
    }
}
