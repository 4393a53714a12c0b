namespace Athanor.Tokenization.SentencePiece;

/// <summary>How a SentencePiece model rewrites text before it cuts it (<c>NormalizerSpec</c> of <c>sentencepiece_model.proto</c>). What is not set has the default given.</summary>
public sealed class NormalizerSpec
{
    /// <summary>Creates one in which nothing is set.</summary>
    public NormalizerSpec()
        : this(new ProtocolMessage())
    {
    }

    internal NormalizerSpec(ProtocolMessage message) => Message = message;

    /// <summary>The name of the rules; empty.</summary>
    public string Name { get => Message.Text(1) ?? ""; set => Message.Set(1, value); }

    /// <summary>The rules as a <see cref="Unigrams.PrecompiledMap"/>; empty: characters stay as they are.</summary>
    public ReadOnlyMemory<byte> PrecompiledMap { get => Message.Bytes(2) ?? default; set => Message.Set(2, value.ToArray()); }

    /// <summary>Whether a text begins (with white space as suffix: ends) with a space of its own; true.</summary>
    public bool AddDummyPrefix { get => Flag(3); set => Message.Set(3, value); }

    /// <summary>Whether spaces at the ends are removed, and of several in a row all but one; true.</summary>
    public bool RemoveExtraWhitespaces { get => Flag(4); set => Message.Set(4, value); }

    /// <summary>Whether spaces are written as U+2581; true.</summary>
    public bool EscapeWhitespaces { get => Flag(5); set => Message.Set(5, value); }

    /// <summary>Puts in the map of the rules it names, where it has a name and no map.</summary>
    /// <exception cref="Athanor.Core.Errors.AthanorException">There are no rules of this name.</exception>
    public void AddNamedRules()
    {
        if (PrecompiledMap.IsEmpty && Name.Length > 0 && Unigrams.NormalizationRules.MapOf(Name) is Unigrams.PrecompiledMap map)
        {
            PrecompiledMap = map.Bytes.ToArray();
        }
    }

    internal ProtocolMessage Message { get; }

    private bool Flag(int field) => Message.Number(field) is not 0UL;
}
