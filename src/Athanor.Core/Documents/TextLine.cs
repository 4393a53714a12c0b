namespace Athanor.Core.Documents;

/// <summary>One line of a text file, without its line end.</summary>
/// <param name="Number">Its number, counted from 1.</param>
/// <param name="Bytes">Its bytes; valid until the next line is asked for. Empty where it was <paramref name="TooLong"/>.</param>
/// <param name="TooLong">Whether it was longer than the reader's limit; its content is skipped, the lines after it are read.</param>
public readonly record struct TextLine(long Number, ReadOnlyMemory<byte> Bytes, bool TooLong);
