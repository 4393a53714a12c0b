using System.Buffers;
using System.Text;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Unigrams;

/// <summary>
/// What a normalizer makes of ASCII characters, where that can be told for each by itself: which stay or become another one, which become a space. Everything else, and what stands
/// beside it, is left to the normalizer.
/// </summary>
internal sealed class AsciiRewriting
{
    private const int Ascii = 128;
    private const string SpaceRun = " {2,}";

    private readonly byte[] _becomes = new byte[Ascii];
    private readonly bool[] _isSpace = new bool[256];
    private readonly bool[] _isPlain = new bool[256];
    private readonly List<byte[]> _patterns;
    private readonly bool _changes;
    private readonly SearchValues<byte> _plain;
    private readonly SearchValues<byte> _patternStarts;

    private AsciiRewriting(INormalizer? normalizer, List<INormalizer> parts, Func<char, bool> isSpace, bool joins)
    {
        JoinsSpaces = joins;

        // A carriage return and a line feed are one character to some, so that it must not matter whether they give one space or two.
        bool lineEnds = joins && Normalize(normalizer, "\r\n").All(isSpace);
        _patterns = [.. parts.OfType<ReplaceNormalizer>().Where(part => !part.Pattern.IsExpression).Select(part => Encoding.UTF8.GetBytes(part.Pattern.Text))];
        for (int value = 0; value < Ascii; value++)
        {
            string result = Normalize(normalizer, ((char)value).ToString());

            if (result.Length == 1 && isSpace(result[0]))
            {
                _isSpace[value] = lineEnds || value != '\r';
            }
            else if (result.Length == 1 && result[0] < Ascii && value is not ('\r' or '\n') && !char.IsWhiteSpace(result[0]))
            {
                _isPlain[value] = true;
                _becomes[value] = (byte)result[0];
                _changes |= result[0] != value;
            }
        }

        _plain = SearchValues.Create([.. Enumerable.Range(0, Ascii).Where(value => _isPlain[value]).Select(value => (byte)value)]);
        _patternStarts = SearchValues.Create([.. _patterns.Select(pattern => pattern[0]).Distinct()]);
    }

    /// <summary>Whether several spaces in a row are as good as one.</summary>
    public bool JoinsSpaces { get; }

    /// <summary>The rewriting of a normalizer; null where it cannot be told for characters by themselves.</summary>
    /// <param name="normalizer">The normalizer; null: nothing is rewritten.</param>
    /// <param name="isSpace">Which characters cut words after rewriting.</param>
    /// <param name="spacesGo">Whether the number of spaces between two words does not matter.</param>
    public static AsciiRewriting? Of(INormalizer? normalizer, Func<char, bool> isSpace, bool spacesGo)
    {
        List<INormalizer> parts = [];
        if (!Flatten(normalizer, parts))
        {
            return null;
        }

        bool joins = parts.Any(part => part is ReplaceNormalizer { Pattern.IsExpression: true });
        AsciiRewriting rewriting = new(normalizer, parts, isSpace, joins || spacesGo);
        for (int first = 0; joins && !spacesGo && first < Ascii; first++)
        {
            for (int second = 0; second < Ascii; second++)
            {
                if (rewriting._isSpace[first] && rewriting._isSpace[second] && Normalize(normalizer, $"{(char)first}{(char)second}").Length != 1)
                {
                    return null;
                }
            }
        }

        return rewriting;
    }

    /// <summary>How many characters at the beginning cut words.</summary>
    public int SpaceLength(ReadOnlySpan<byte> text)
    {
        int length = 0;
        while (length < text.Length && _isSpace[text[length]])
        {
            length++;
        }

        return length;
    }

    /// <summary>Whether a byte is a character that is rewritten by itself to one that cuts no words.</summary>
    public bool IsPlain(byte value) => _isPlain[value];

    /// <summary>How many characters at the beginning are rewritten each by itself to one that cuts no words.</summary>
    public int PlainLength(ReadOnlySpan<byte> text)
    {
        int length = text.IndexOfAnyExcept(_plain);
        return length < 0 ? text.Length : length;
    }

    /// <summary>Rewrites such characters; gives false where a string that is replaced stands in them.</summary>
    public bool TryRewrite(ReadOnlySpan<byte> text, Span<byte> output)
    {
        if (_patterns.Count > 0 && text.ContainsAny(_patternStarts))
        {
            foreach (byte[] pattern in _patterns)
            {
                if (text.IndexOf(pattern) >= 0)
                {
                    return false;
                }
            }
        }

        if (!_changes)
        {
            text.CopyTo(output);
            return true;
        }

        for (int i = 0; i < text.Length; i++)
        {
            output[i] = _becomes[text[i]];
        }

        return true;
    }

    /// <summary>Parts that work on every ASCII character by itself, or on strings that are looked for, or on runs of spaces.</summary>
    private static bool Flatten(INormalizer? normalizer, List<INormalizer> parts)
    {
        switch (normalizer)
        {
            case null:
                return true;
            case NormalizerSequence sequence:
                return sequence.Normalizers.All(part => Flatten(part, parts));
            case ReplaceNormalizer { Pattern: { IsExpression: true, Text: SpaceRun }, Content: " " }:
                parts.Add(normalizer);
                return true;
            case ReplaceNormalizer { Pattern: { IsExpression: false, Text.Length: > 1 } pattern } when Encoding.UTF8.GetByteCount(pattern.Text) == pattern.Text.Length && !pattern.Text.Any(char.IsWhiteSpace):
                // A string that a part before could make would be missed.
                if (parts.Exists(part => part is not ReplaceNormalizer))
                {
                    return false;
                }

                parts.Add(normalizer);
                return true;
            case PrecompiledNormalizer or UnicodeNormalizer or NmtNormalizer or LowercaseNormalizer or StripAccentsNormalizer:
                parts.Add(normalizer);
                return true;
            default:
                return false;
        }
    }

    private static string Normalize(INormalizer? normalizer, string text) => normalizer?.Normalize(NormalizedText.From(text)).ToString() ?? text;
}
