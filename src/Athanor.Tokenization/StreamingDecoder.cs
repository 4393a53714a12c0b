using System.Text;

namespace Athanor.Tokenization;

/// <summary>
/// Turns ids into text as they arrive, holding back bytes until they are whole characters. Bytes that can be no part of a character become U+FFFD at once,
/// so all pieces together are what <see cref="Tokenizer.Decode(ReadOnlySpan{int}, bool)"/> gives.
/// </summary>
public sealed class StreamingDecoder
{
    private readonly Tokenizer _tokenizer;
    private readonly bool _skipSpecialTokens;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private char[] _characters = new char[64];

    internal StreamingDecoder(Tokenizer tokenizer, bool skipSpecialTokens)
    {
        _tokenizer = tokenizer;
        _skipSpecialTokens = skipSpecialTokens;
    }

    /// <summary>Whether bytes are held back.</summary>
    public bool IsWithinCharacter => _decoder.GetCharCount([], flush: true) > 0;

    /// <summary>Takes an id and gives the text that became certain, possibly empty.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    public string Append(int id) => _tokenizer.IsSpecial(id) && _skipSpecialTokens ? "" : Decode(_tokenizer.BytesOf(id), flush: false);

    /// <summary>Gives what was held back (an incomplete character becomes U+FFFD) and begins anew.</summary>
    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        int most = Encoding.UTF8.GetMaxCharCount(bytes.Length);
        if (_characters.Length < most)
        {
            _characters = new char[most];
        }

        int written = _decoder.GetChars(bytes, _characters, flush);
        return written == 0 ? "" : new string(_characters, 0, written);
    }
}
