namespace Athanor.Tokenization.Training;

/// <summary>Words with their counts in the order of their bytes, one after another.</summary>
internal interface IWordSource
{
    /// <summary>The word; valid until the next step.</summary>
    ReadOnlySpan<byte> Word { get; }

    /// <summary>How often it was counted.</summary>
    long WordCount { get; }

    /// <summary>Goes to the next word, at first to the first.</summary>
    bool MoveNext();
}
