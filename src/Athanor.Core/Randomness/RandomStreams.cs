namespace Athanor.Core.Randomness;

/// <summary>The random streams of one seed. A stream is named by purpose and index, so neither thread count nor order of work changes what it gives.</summary>
/// <param name="seed">The run's seed.</param>
public sealed class RandomStreams(long seed)
{
    /// <summary>The seed.</summary>
    public long Seed { get; } = seed;

    /// <summary>Opens the stream of a purpose, from its beginning.</summary>
    /// <param name="purpose">What the numbers are for, such as <c>pretrain/shuffle</c>.</param>
    /// <param name="index">Which of the purpose's streams, such as an epoch or a document's number.</param>
    public RandomStream Open(string purpose, long index = 0) => new(Seed, purpose, index);
}
