using System.Globalization;
using System.Text;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.Normalizers;

/// <summary>
/// Applies a SentencePiece normalization map as Hugging Face tokenizers do: to a grapheme cluster of less than six bytes as a whole (what the map has for the shortest
/// beginning of it stands for all of it), otherwise to its characters one by one. SentencePiece itself takes the longest match at every place.
/// </summary>
/// <param name="Map">The map.</param>
internal sealed record PrecompiledNormalizer(PrecompiledMap Map) : INormalizer
{
    private const int LongestCluster = 5;

    /// <inheritdoc/>
    public NormalizedText Normalize(NormalizedText text)
    {
        if (text.IsEmpty)
        {
            return text;
        }

        TextRewriter rewriter = new(text);
        return Rewrite(text.Span, rewriter) ? rewriter.ToText() : text;
    }

    /// <inheritdoc/>
    public void Rewrite(PlainText text)
    {
        Rewrite(text.Span, text);
        text.Take();
    }

    /// <returns>Whether anything was replaced.</returns>
    private bool Rewrite(ReadOnlySpan<char> rest, IRewriter rewriter)
    {
        Output output = new(rewriter);
        bool changed = false;
        while (!rest.IsEmpty)
        {
            // Nothing joins two ASCII characters but a line's end
            int length = rest.Length > 1 && rest[0] < 0x80 && rest[1] < 0x80 && rest[0] != '\r' ? 1 : StringInfo.GetNextTextElementLength(rest);
            ReadOnlySpan<char> cluster = rest[..length];
            rest = rest[length..];
            if (length <= LongestCluster && Replace(cluster, ref output))
            {
                changed = true;
                continue;
            }

            while (!cluster.IsEmpty)
            {
                int width = char.IsHighSurrogate(cluster[0]) ? 2 : 1;
                if (Replace(cluster[..width], ref output))
                {
                    changed = true;
                }
                else
                {
                    Rune.DecodeFromUtf16(cluster, out Rune character, out _);
                    output.Add(character.Value, 0);
                }

                cluster = cluster[width..];
            }
        }

        output.Flush();
        return changed;
    }

    private bool Replace(ReadOnlySpan<char> part, ref Output output)
    {
        Span<byte> bytes = stackalloc byte[3 * LongestCluster];
        int length = Encoding.UTF8.GetBytes(part, bytes);
        if (length > LongestCluster || !Map.TryMatchShortest(bytes[..length], out ReadOnlySpan<byte> replacement))
        {
            return false;
        }

        int left = CountOf(replacement);
        int difference = left - CountOf(bytes[..length]);

        // Characters that are more than before stand last
        for (; Rune.DecodeFromUtf8(replacement, out Rune character, out int used) == System.Buffers.OperationStatus.Done; left--)
        {
            output.Add(character.Value, left <= difference ? 1 : 0);
            replacement = replacement[used..];
        }

        if (difference < 0)
        {
            output.Remove(-difference);
        }

        return true;
    }

    private static int CountOf(ReadOnlySpan<byte> text)
    {
        int count = 0;
        foreach (byte value in text)
        {
            count += (value & 0xC0) != 0x80 ? 1 : 0;
        }

        return count;
    }

    // Hugging Face: where characters go, the last one written takes them with it; if none is written yet, those that stay take their places
    private struct Output(IRewriter rewriter)
    {
        private int _code = -1;
        private int _change = 0;

        public void Add(int code, int change)
        {
            Flush();
            (_code, _change) = (code, change);
        }

        public void Remove(int characters) => _change -= characters;

        public readonly void Flush()
        {
            if (_code >= 0)
            {
                rewriter.Add(_code, _change);
            }
        }
    }
}
