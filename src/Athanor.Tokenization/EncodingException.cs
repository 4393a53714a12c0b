namespace Athanor.Tokenization;

/// <summary>A text cannot be encoded as asked: a word is not in the vocabulary and no token stands for unknown ones, or the text cannot be truncated to the length.</summary>
/// <param name="message">What cannot be done.</param>
public sealed class EncodingException(string message) : Exception(message);
