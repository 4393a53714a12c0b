using TorchSharp;

namespace Athanor.Torch.Executors;

/// <summary>
/// A transformer that can be trained. A training step is: <see cref="Forward"/>, <see cref="Head"/>, a loss as a small function of the head's outputs with a
/// derived gradient, <see cref="Backward"/>; gradients add up until <see cref="ClearGradients"/>, which is how batches are accumulated.
/// </summary>
public interface ITrainableTransformer : IDisposable
{
    /// <summary>Weights by canonical name (see <c>ModelPlan</c>). An optimizer changes them in place.</summary>
    IReadOnlyDictionary<string, torch.Tensor> Weights { get; }

    /// <summary>Gradients by canonical name, of the weights' shapes; zero before the first backward pass.</summary>
    IReadOnlyDictionary<string, torch.Tensor> Gradients { get; }

    /// <summary>Sets all gradients to zero.</summary>
    void ClearGradients();

    /// <summary>Runs the body; the result belongs to the transformer and is valid until the next call.</summary>
    /// <returns>Hidden states after the last norm, <c>[rows, length, hidden]</c>.</returns>
    torch.Tensor Forward(TokenBatch batch);

    /// <summary>Predicts from the hidden states of the last <see cref="Forward"/>. Position t predicts <paramref name="targets"/>[t].</summary>
    /// <param name="targets"><c>[rows, length]</c>, int64; −1 where nothing is predicted (outputs there are zero).</param>
    HeadOutput Head(torch.Tensor targets);

    /// <summary>Takes the loss's gradient with respect to the outputs of the last <see cref="Head"/> and adds the weights' gradients.</summary>
    void Backward(HeadOutput gradient);

    /// <summary>Takes a gradient with respect to the hidden states of the last <see cref="Forward"/> (value and reward heads) and adds the weights' gradients.</summary>
    void BackwardFromHidden(torch.Tensor gradient);
}

/// <summary>A batch of sequences.</summary>
/// <param name="Rows">How many sequences.</param>
/// <param name="Length">How long each is.</param>
/// <param name="Tokens">Their tokens, <c>[rows, length]</c>.</param>
/// <param name="Documents">For packed sequences the number of the document each token belongs to, <c>[rows, length]</c>: attention stays inside a document
/// and positions begin anew in each; empty where a row is one document. A negative number marks padding.</param>
public sealed record TokenBatch(int Rows, int Length, ReadOnlyMemory<int> Tokens, ReadOnlyMemory<int> Documents = default);

/// <summary>What a head says of each target, or a loss's gradient with respect to it. All <c>[rows, length]</c>.</summary>
/// <param name="LogProbability">The natural-log probability of the target.</param>
/// <param name="LogPartition">The log of the sum of exponentials of the logits (z-loss).</param>
/// <param name="MeanLogProbability">The mean log-probability over the vocabulary (label smoothing).</param>
public sealed record HeadOutput(torch.Tensor LogProbability, torch.Tensor LogPartition, torch.Tensor MeanLogProbability);
