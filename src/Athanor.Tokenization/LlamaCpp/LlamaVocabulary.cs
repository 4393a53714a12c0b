namespace Athanor.Tokenization.LlamaCpp;

/// <summary>The tokens of a GGUF file by id.</summary>
internal sealed class LlamaVocabulary
{
    private readonly Dictionary<byte[], int> _ids;
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    /// <param name="texts">The tokens as the file writes them, all different.</param>
    /// <param name="scores">Their scores.</param>
    /// <param name="attributes">What they are.</param>
    /// <exception cref="ArgumentException">Two tokens are the same.</exception>
    public LlamaVocabulary(byte[][] texts, float[] scores, TokenAttributes[] attributes)
    {
        Texts = texts;
        Scores = scores;
        Attributes = attributes;
        _ids = new Dictionary<byte[], int>(texts.Length, ByteStringComparer.Instance);
        for (int id = 0; id < texts.Length; id++)
        {
            _ids.Add(texts[id], id);
            LongestToken = Math.Max(LongestToken, texts[id].Length);
        }

        _lookup = _ids.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public byte[][] Texts { get; }

    public float[] Scores { get; }

    public TokenAttributes[] Attributes { get; }

    /// <summary>How many tokens there are.</summary>
    public int Count => Texts.Length;

    /// <summary>How many bytes the longest token has.</summary>
    public int LongestToken { get; }

    /// <summary>The id of a token; -1 where there is none.</summary>
    public int Find(ReadOnlySpan<byte> text) => text.Length <= LongestToken && _lookup.TryGetValue(text, out int id) ? id : -1;

    /// <summary>The token of a byte: <c>&lt;0x0A&gt;</c>, or else the byte itself; -1 where there is neither.</summary>
    public int FindByte(byte value)
    {
        ReadOnlySpan<byte> digits = "0123456789ABCDEF"u8;
        int id = Find([(byte)'<', (byte)'0', (byte)'x', digits[value >> 4], digits[value & 15], (byte)'>']);
        return id >= 0 ? id : Find([value]);
    }

    public bool Is(int id, TokenAttributes any) => (Attributes[id] & any) != 0;
}
