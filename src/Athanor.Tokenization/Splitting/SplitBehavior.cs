namespace Athanor.Tokenization.Splitting;

/// <summary>What happens to the parts of a text that separate the others.</summary>
internal enum SplitBehavior
{
    /// <summary>They go: <c>a-b--c</c> gives <c>a b c</c>.</summary>
    Removed,

    /// <summary>Each is a part: <c>a - b - - c</c>.</summary>
    Isolated,

    /// <summary>Each belongs to what is before it, but two in a row do not join: <c>a- b- - c</c>.</summary>
    MergedWithPrevious,

    /// <summary>Each belongs to what is after it: <c>a -b - -c</c>.</summary>
    MergedWithNext,

    /// <summary>Those in a row are one part: <c>a - b -- c</c>.</summary>
    Contiguous,
}
