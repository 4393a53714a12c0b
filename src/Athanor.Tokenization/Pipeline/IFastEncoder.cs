using Athanor.Tokenization.BytePairs;

namespace Athanor.Tokenization.Pipeline;

/// <summary>
/// Makes the ids of a text directly, without offsets: what normalizer, pre-tokenizer and model would give together. A <see cref="Pipeline"/> has one where its parts allow it.
/// </summary>
internal interface IFastEncoder
{
    /// <summary>Where the ids of a text are those of its words one after another, as they stand in UTF-8: what encodes words. Otherwise null.</summary>
    ByteLevelEncoder? Words => null;

    /// <summary>Appends the ids of a text in which no added token is to be looked for. An unpaired surrogate counts as U+FFFD.</summary>
    /// <param name="text">The text.</param>
    /// <param name="atStart">Whether it is the beginning of what the caller encodes, not what follows an added token (<c>Metaspace</c> may tell these apart).</param>
    /// <param name="ids">Where the ids go.</param>
    void Encode(ReadOnlySpan<char> text, bool atStart, List<int> ids);
}
