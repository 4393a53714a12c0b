using Athanor.Core.Randomness;

namespace Athanor.Tokenization.Pipeline;

/// <summary>A model that can also draw one of the ways to write a word, as subword regularization wants it (Provilkov et al. 2020 for byte pairs, Kudo 2018 for unigrams).</summary>
internal interface ISamplingModel : ITokenModel
{
    /// <summary>Appends the pieces of a word, drawn at random.</summary>
    /// <param name="word">The word.</param>
    /// <param name="alpha">For byte pairs the probability that a merge is left out; for unigrams the exponent of a segmentation's probability.</param>
    /// <param name="random">Where the random numbers come from.</param>
    /// <param name="pieces">Where the pieces go.</param>
    void Sample(ReadOnlySpan<char> word, double alpha, RandomStream random, List<Piece> pieces);
}
