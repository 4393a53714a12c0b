namespace Athanor.Tokenization.Splitting;

/// <summary>The expression of Qwen 2 and 3: that of GPT-4, but every digit is a word.</summary>
internal readonly struct Qwen2Pattern : IWordPattern
{
    public const string Expression =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static int Next<TUnit>(TextUnits<TUnit> text, int start)
        where TUnit : unmanaged => Cl100kPattern.Next(text, start, 1);
}
