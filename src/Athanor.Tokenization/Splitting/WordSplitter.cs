namespace Athanor.Tokenization.Splitting;

/// <summary>Cuts text into the words within which byte pairs are merged by the tokenizers trained here.</summary>
internal static class WordSplitter
{
    /// <inheritdoc cref="AthanorPattern.Expression"/>
    public const string Pattern = AthanorPattern.Expression;

    /// <summary>Where the word that begins at <paramref name="start"/> ends. Each character is looked at a bounded number of times over all calls.</summary>
    public static int Next(ReadOnlySpan<char> text, int start) => AthanorPattern.Next(new TextUnits<char>(text), start);
}
