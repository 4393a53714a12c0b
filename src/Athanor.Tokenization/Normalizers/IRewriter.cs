namespace Athanor.Tokenization.Normalizers;

/// <summary>Takes a rewritten text character by character, in the way of Hugging Face's <c>transform</c>: each new character says what became of the old ones.</summary>
internal interface IRewriter
{
    /// <summary>Appends characters that stand for as many old ones.</summary>
    void Copy(ReadOnlySpan<char> characters);

    /// <summary>Leaves out old characters.</summary>
    void Skip(int characters);

    /// <summary>Appends a character.</summary>
    /// <param name="code">The character.</param>
    /// <param name="change">0: it stands for the next old character; -n: for that one, and the n after it are gone; 1 or more: it is new, beside the old one before it.</param>
    void Add(int code, int change);
}
