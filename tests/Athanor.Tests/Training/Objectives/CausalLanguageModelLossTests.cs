using Athanor.Torch.Executors;
using Athanor.Training.Objectives;
using TorchSharp;
using Xunit;

namespace Athanor.Tests.Training.Objectives;

public sealed class CausalLanguageModelLossTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.1, 0)]
    [InlineData(0, 0.01)]
    [InlineData(0.2, 0.3)]
    public void The_gradient_is_that_of_the_loss(double smoothing, double zLoss)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        CausalLanguageModelLoss loss = new(smoothing, zLoss);
        torch.Tensor targets = torch.tensor(new long[] { 3, -1, 0, 2, -1, 1 }, [2, 3]);
        torch.Tensor[] outputs = [.. Enumerable.Range(0, 3).Select(part => torch.tensor(Enumerable.Range(0, 6).Select(i => -1.5 + (0.3 * i) - part).ToArray(), [2, 3]))];
        LossValue value = loss.Evaluate(new HeadOutput(outputs[0], outputs[1], outputs[2]), targets, 9);
        torch.Tensor[] gradients = [value.Gradient.LogProbability, value.Gradient.LogPartition, value.Gradient.MeanLogProbability];
        const double Step = 1e-5;
        for (int part = 0; part < 3; part++)
        {
            for (int i = 0; i < 6; i++)
            {
                double slope = (Moved(part, i, Step) - Moved(part, i, -Step)) / (2 * Step);
                Assert.Equal(slope, gradients[part].data<double>()[i / 3, i % 3], 8);
            }
        }

        double Moved(int part, int index, double by)
        {
            torch.Tensor[] moved = [.. outputs.Select(output => output.clone())];
            moved[part].data<double>()[index / 3, index % 3] += by;
            return loss.Evaluate(new HeadOutput(moved[0], moved[1], moved[2]), targets, 9).Loss.item<double>();
        }
    }
}
