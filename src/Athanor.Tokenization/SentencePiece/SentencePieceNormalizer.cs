using System.Buffers;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.SentencePiece;

/// <summary>
/// Rewrites text before it is cut, as SentencePiece does: at every place the longest rule of the map, user-defined pieces left alone; then spaces (one more at
/// the beginning, none doubled, written as U+2581), as the specification says.
/// </summary>
internal sealed class SentencePieceNormalizer
{
    private readonly PrecompiledMap? _map;
    private readonly PieceTrie? _kept;
    private readonly bool _addDummy;
    private readonly bool _suffix;
    private readonly bool _removeExtra;
    private readonly bool _escape;
    private readonly SearchValues<byte> _plain;
    private readonly bool _plainSpace;

    /// <param name="spec">The specification.</param>
    /// <param name="kept">What is never rewritten, or null.</param>
    /// <param name="whitespaceAsSuffix">Whether the added space stands at the end.</param>
    /// <exception cref="Athanor.Core.Errors.AthanorException">The map is malformed.</exception>
    public SentencePieceNormalizer(NormalizerSpec spec, PieceTrie? kept, bool whitespaceAsSuffix)
    {
        _map = spec.PrecompiledMap.IsEmpty ? null : PrecompiledMap.Read(spec.PrecompiledMap.Span);
        _kept = kept;
        _addDummy = spec.AddDummyPrefix;
        _suffix = whitespaceAsSuffix;
        _removeExtra = spec.RemoveExtraWhitespaces;
        _escape = spec.EscapeWhitespaces;
        bool[] plain = _map?.PlainAscii() ?? [.. Enumerable.Repeat(true, 128)];
        for (int value = 0; value < plain.Length; value++)
        {
            int state = PieceTrie.Root;
            plain[value] &= kept is null || !kept.TryStep(ref state, (byte)value, out _);
        }

        _plainSpace = plain[' '];
        plain[' '] = false;
        _plain = SearchValues.Create([.. Enumerable.Range(0, plain.Length).Where(value => plain[value]).Select(value => (byte)value)]);
    }

    /// <summary>U+2581, which stands for a space.</summary>
    public static ReadOnlySpan<byte> SpaceSymbol => "\u2581"u8;

    /// <summary>Rewrites a text.</summary>
    /// <param name="input">UTF-8; bytes that are none become U+FFFD.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="withOrigins">Whether to keep where each byte came from.</param>
    public void Normalize(ReadOnlySpan<byte> input, Utf8Text output, bool withOrigins)
    {
        output.Clear(withOrigins);
        int at = 0;
        if (_removeExtra)
        {
            while (at < input.Length && Prefix(input[at..], out int length) is [(byte)' '])
            {
                at += length;
            }
        }

        if (at == input.Length)
        {
            return;
        }

        ReadOnlySpan<byte> space = _escape ? SpaceSymbol : " "u8;
        if (_addDummy && !_suffix)
        {
            output.Append(space, at);
        }

        bool afterSpace = _removeExtra;
        while (at < input.Length)
        {
            ReadOnlySpan<byte> rest = input[at..];
            if (rest[0] < 0x80)
            {
                int plain = PlainLength(rest);
                if (plain > 0)
                {
                    output.Copy(rest[..plain], at);
                    at += plain;
                    afterSpace = false;
                    continue;
                }

                if (rest[0] == ' ' && _plainSpace && (_map is null || rest.Length == 1 || rest[1] < 0x80))
                {
                    if (!afterSpace)
                    {
                        output.Append(space, at);
                    }

                    at++;
                    afterSpace = _removeExtra;
                    continue;
                }
            }

            ReadOnlySpan<byte> replacement = Prefix(rest, out int consumed);
            while (afterSpace && replacement is [(byte)' ', ..])
            {
                replacement = replacement[1..];
            }

            if (!replacement.IsEmpty)
            {
                AppendReplacement(replacement, at, output);
                afterSpace = replacement[^1] == ' ';
            }

            at += consumed;
            afterSpace &= _removeExtra;
        }

        int end = at;
        while (_removeExtra && output.Bytes.EndsWith(space))
        {
            end = output.Shorten(space.Length);
        }

        if (_addDummy && _suffix)
        {
            output.Append(space, end);
        }

        output.SetEnd(end);
    }

    /// <summary>How many characters at the beginning no rule is about, whatever follows.</summary>
    private int PlainLength(ReadOnlySpan<byte> text)
    {
        int length = text.IndexOfAnyExcept(_plain);
        if (length < 0)
        {
            return text.Length;
        }

        // A mark may follow that a rule joins with the last character.
        return _map is not null && length > 0 && text[length] >= 0x80 ? length - 1 : length;
    }

    private void AppendReplacement(ReadOnlySpan<byte> replacement, int origin, Utf8Text output)
    {
        if (!_escape)
        {
            output.Append(replacement, origin);
            return;
        }

        while (replacement.IndexOf((byte)' ') is int space and >= 0)
        {
            output.Append(replacement[..space], origin);
            output.Append(SpaceSymbol, origin);
            replacement = replacement[(space + 1)..];
        }

        output.Append(replacement, origin);
    }

    /// <summary>What the beginning of a text becomes.</summary>
    private ReadOnlySpan<byte> Prefix(ReadOnlySpan<byte> text, out int consumed)
    {
        if (_kept is not null && _kept.LongestPrefix(text) is int kept and > 0)
        {
            consumed = kept;
            return text[..kept];
        }

        if (_map is not null && _map.TryMatchLongest(text, out consumed, out ReadOnlySpan<byte> replacement))
        {
            return replacement;
        }

        if (System.Text.Rune.DecodeFromUtf8(text, out _, out consumed) == OperationStatus.Done)
        {
            return text[..consumed];
        }

        consumed = 1;
        return "\uFFFD"u8;
    }
}
