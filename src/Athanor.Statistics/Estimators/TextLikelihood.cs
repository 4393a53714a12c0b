using System.Text;

namespace Athanor.Statistics.Estimators;

/// <summary>
/// How probable a model finds texts, summed over all of them. Bits per byte, −log₂ p divided by the UTF-8 bytes, compares models whatever their tokens are.
/// </summary>
public sealed class TextLikelihood
{
    /// <summary>Tokens scored.</summary>
    public long Tokens { get; private set; }

    /// <summary>UTF-8 bytes of the texts.</summary>
    public long Bytes { get; private set; }

    /// <summary>Unicode code points of the texts.</summary>
    public long Characters { get; private set; }

    /// <summary>Runs between white space in the texts.</summary>
    public long Words { get; private set; }

    /// <summary>−ln p of the texts.</summary>
    public double Nats { get; private set; }

    /// <summary>Nats a token, the training loss.</summary>
    public double LossPerToken => Nats / Tokens;

    /// <summary>Bits a token.</summary>
    public double BitsPerToken => Nats / Math.Log(2) / Tokens;

    /// <summary>Bits a byte of UTF-8.</summary>
    public double BitsPerByte => Nats / Math.Log(2) / Bytes;

    /// <summary>Bits a code point.</summary>
    public double BitsPerCharacter => Nats / Math.Log(2) / Characters;

    /// <summary>exp of the loss a token.</summary>
    public double TokenPerplexity => Math.Exp(LossPerToken);

    /// <summary>exp of the loss a word.</summary>
    public double WordPerplexity => Math.Exp(Nats / Words);

    /// <summary>exp of the loss a byte.</summary>
    public double BytePerplexity => Math.Exp(Nats / Bytes);

    /// <summary>Adds a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tokens">How many tokens were scored.</param>
    /// <param name="nats">The sum of their −ln p.</param>
    public void Add(ReadOnlySpan<char> text, long tokens, double nats)
    {
        Tokens += tokens;
        Nats += nats;
        Bytes += Encoding.UTF8.GetByteCount(text);
        bool inWord = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            Characters++;
            bool space = Rune.IsWhiteSpace(rune);
            Words += !space && !inWord ? 1 : 0;
            inWord = !space;
        }
    }
}
