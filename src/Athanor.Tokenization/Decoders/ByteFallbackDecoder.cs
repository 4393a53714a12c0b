using System.Globalization;
using System.Text;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Decoders;

/// <summary>
/// Turns runs of byte tokens, <c>&lt;0x61&gt;</c>, into the text they are in UTF-8. A run that is not valid as a whole gives one U+FFFD for each of its bytes.
/// </summary>
internal sealed record ByteFallbackDecoder : IDecoder
{
    /// <summary>The byte that a token stands for.</summary>
    public static bool TryGetByte(string token, out byte value)
    {
        value = 0;

        // Hugging Face: Rust's parser of numbers takes a plus sign, so <0x+5> is byte 5
        return token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && (token[3] == '+'
                ? byte.TryParse(token.AsSpan(4, 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
                : byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value));
    }

    /// <inheritdoc/>
    public void Decode(List<string> tokens)
    {
        List<string> decoded = new(tokens.Count);
        List<byte> run = [];
        foreach (string token in tokens)
        {
            if (TryGetByte(token, out byte value))
            {
                run.Add(value);
                continue;
            }

            Flush(run, decoded);
            decoded.Add(token);
        }

        Flush(run, decoded);
        tokens.Clear();
        tokens.AddRange(decoded);
    }

    private static void Flush(List<byte> run, List<string> decoded)
    {
        if (run.Count == 0)
        {
            return;
        }

        Span<byte> bytes = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(run);
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            decoded.Add(Encoding.UTF8.GetString(bytes));
        }
        else
        {
            decoded.AddRange(Enumerable.Repeat("\uFFFD", run.Count));
        }

        run.Clear();
    }
}
