using Athanor.Core.Randomness;

namespace Athanor.Tokenization.Training;

/// <summary>
/// Which sentences or words a unigram model's first substrings are taken from: all where they are short enough together, otherwise a sample of that size,
/// drawn by a seeded number for each; it does not depend on the memory at hand.
/// </summary>
internal sealed class SeedSample
{
    /// <summary>The most bytes of a sample.</summary>
    public const long MostBytes = 16L << 20;

    private readonly RandomStream? _random;
    private readonly uint _below;

    /// <param name="words">What is drawn from.</param>
    public SeedSample(WordList words)
    {
        if (words.Bytes > MostBytes)
        {
            _random = new RandomStreams(0).Open("tokenizer.train/seeds");
            _below = (uint)((double)MostBytes / words.Bytes * uint.MaxValue);
        }
    }

    /// <summary>Whether a word belongs to the sample.</summary>
    public bool Holds(long word)
    {
        if (_random is null)
        {
            return true;
        }

        _random.Position = (ulong)word;
        return _random.NextUInt32() < _below;
    }
}
