using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.Unigrams;

/// <summary>
/// The ids of a text under a unigram model behind <c>Metaspace</c>, as T5, ALBERT and XLM-RoBERTa have it: words of ASCII are rewritten and segmented in bytes and remembered. Other words are
/// rewritten by the normalizer, together with the spaces beside which a character could join them, and remembered as they stand in the text.
/// </summary>
internal sealed class UnigramFastEncoder : IFastEncoder
{
    private static readonly WhitespaceSplitPreTokenizer Spaces = new();

    private readonly UnigramModel _model;
    private readonly INormalizer? _normalizer;
    private readonly AsciiRewriting _rewriting;
    private readonly bool _splitsWhitespace;

    // Words of ASCII as they are after rewriting, others as they stand in the text
    private readonly RememberedWords _remembered = new();

    [ThreadStatic]
    private static byte[]? _word;

    [ThreadStatic]
    private static PlainText? _rewritten;

    private UnigramFastEncoder(TokenizerPipeline pipeline, UnigramModel model, AsciiRewriting rewriting, bool splitsWhitespace)
    {
        _normalizer = pipeline.Normalizer;
        _model = model;
        _rewriting = rewriting;
        _splitsWhitespace = splitsWhitespace;
    }

    private static ReadOnlySpan<byte> Mark => "\u2581"u8;

    /// <summary>The short way for the parts of a pipeline, or null where there is none.</summary>
    public static UnigramFastEncoder? For(TokenizerPipeline pipeline)
    {
        bool splitsWhitespace = pipeline.PreTokenizer is PreTokenizerSequence { PreTokenizers: [WhitespaceSplitPreTokenizer, MetaspacePreTokenizer] };
        MetaspacePreTokenizer? metaspace = pipeline.PreTokenizer switch
        {
            PreTokenizerSequence { PreTokenizers: [WhitespaceSplitPreTokenizer, MetaspacePreTokenizer second] } => second,
            MetaspacePreTokenizer { Split: true } alone => alone,
            _ => null,
        };
        if (pipeline.Model is not UnigramModel model || metaspace is not { Replacement.Value: 0x2581, PrependScheme: PrependScheme.Always })
        {
            return null;
        }

        // Alone, Metaspace cuts at spaces; other white space is text.
        AsciiRewriting? rewriting = AsciiRewriting.Of(pipeline.Normalizer, splitsWhitespace ? char.IsWhiteSpace : character => character == ' ', spacesGo: splitsWhitespace);
        return rewriting is null || (splitsWhitespace && !metaspace.Split) ? null : new UnigramFastEncoder(pipeline, model, rewriting, splitsWhitespace);
    }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, bool atStart, List<int> ids)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        ReadOnlySpan<byte> bytes = buffer.AsSpan(0, Encoding.UTF8.GetBytes(text, buffer));
        bool afterSpace = false;
        for (int at = 0; at < bytes.Length;)
        {
            if (BorderLength(bytes, at) is int spaces and > 0)
            {
                // Alone, Metaspace makes a word of every space, though nothing follows it.
                for (int empty = 1; empty < spaces && !_splitsWhitespace && !_rewriting.JoinsSpaces; empty++)
                {
                    EncodePlain([], ids);
                }

                afterSpace = true;
                at += spaces;
                continue;
            }

            int end = at + _rewriting.PlainLength(bytes[at..]);
            if ((end < bytes.Length && BorderLength(bytes, end) == 0) || !EncodePlain(bytes[at..end], ids))
            {
                end = NextBorder(bytes, end);
                int start = _splitsWhitespace || !afterSpace ? at : at - 1;
                EncodeOther(bytes, start, end - start, ids);
            }

            afterSpace = false;
            at = end;
        }

        if (!_splitsWhitespace && afterSpace)
        {
            EncodePlain([], ids);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>How many spaces stand at a place and divide the text, because nothing beside them can join them; 0 where there are none, or they do not.</summary>
    private int BorderLength(ReadOnlySpan<byte> text, int at)
    {
        int length = _rewriting.SpaceLength(text[at..]);
        int end = at + length;
        if (length > 0 && end < text.Length)
        {
            Rune.DecodeFromUtf8(text[end..], out Rune next, out _);
            length = StandsAlone(next) ? length : 0;
        }

        if (length > 0 && at > 0)
        {
            Rune.DecodeLastFromUtf8(text[..at], out Rune last, out _);
            length = StandsAlone(last) || IsVowelSign(last) ? length : 0;
        }

        return length;
    }

    /// <summary>Plain characters, and those of a few large scripts that extend no cluster, begin none that goes on, and become no space.</summary>
    private bool StandsAlone(Rune rune) => rune.IsAscii
        ? _rewriting.IsPlain((byte)rune.Value)
        : rune.Value is (>= 0xC0 and <= 0x24F) or (>= 0x386 and <= 0x3CE) or (>= 0x400 and <= 0x481) or (>= 0x48A and <= 0x52F) or (>= 0x531 and <= 0x556) or (>= 0x561 and <= 0x586)
            or (>= 0x5D0 and <= 0x5EA) or 0x589 or 0x60C or 0x61B or 0x61F or (>= 0x620 and <= 0x64A) or (>= 0x671 and <= 0x6D4) or (>= 0x904 and <= 0x939) or 0x964 or 0x965 or (>= 0x985 and <= 0x9B9) or (>= 0xB85 and <= 0xBB9) or (>= 0x10D0 and <= 0x10FA)
            or (>= 0x1EA0 and <= 0x1EF9) or (>= 0x2010 and <= 0x2015) or (>= 0x2018 and <= 0x201F) or 0x2026 or (>= 0x3041 and <= 0x3096) or (>= 0x30A1 and <= 0x30FA) or (>= 0x4E00 and <= 0x9FEF) or (>= 0xAC00 and <= 0xD7A3);

    /// <summary>Signs that join what is before them, and nothing that is behind: those of Devanagari, Bengali and Tamil.</summary>
    private static bool IsVowelSign(Rune rune) => rune.Value is (>= 0x93E and <= 0x94D) or (>= 0x9BE and <= 0x9CD) or (>= 0xBBE and <= 0xBCD);

    private int NextBorder(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length)
        {
            int spaces = _rewriting.SpaceLength(text[at..]);
            if (spaces > 0 && BorderLength(text, at) > 0)
            {
                break;
            }

            at += Math.Max(1, spaces);
        }

        return at;
    }

    /// <summary>Appends the ids of a stretch that is not only ASCII between borders.</summary>
    private void EncodeOther(ReadOnlySpan<byte> text, int start, int length, List<int> ids)
    {
        ReadOnlySpan<byte> stretch = text.Slice(start, length);
        bool remembers = !Ascii.IsValid(stretch);
        if (remembers && _remembered.TryAppend(text, start, length, ids))
        {
            return;
        }

        int before = ids.Count;
        PlainText rewritten = _rewritten ??= new();
        rewritten.Set(stretch);
        _normalizer?.Rewrite(rewritten);
        ReadOnlySpan<char> characters = rewritten.Span;
        if (_splitsWhitespace)
        {
            for (int at = 0; Spaces.NextWord(characters, ref at, out int from);)
            {
                EncodeMarked(characters[from..at], ids);
            }
        }
        else if (!characters.IsEmpty)
        {
            EncodeMarked(characters, ids);
        }

        if (remembers)
        {
            _remembered.Keep(stretch, CollectionsMarshal.AsSpan(ids)[before..]);
        }
    }

    /// <summary>Does what <c>Metaspace</c> does: a mark for every space and one in front, a word before every mark.</summary>
    private void EncodeMarked(ReadOnlySpan<char> text, List<int> ids)
    {
        byte[] marked = ArrayPool<byte>.Shared.Rent(Mark.Length * (text.Length + 1));
        int length = 0;
        if (text[0] is not (' ' or '\u2581'))
        {
            Mark.CopyTo(marked);
            length = Mark.Length;
        }

        while (true)
        {
            int space = text.IndexOf(' ');
            length += Encoding.UTF8.GetBytes(space < 0 ? text : text[..space], marked.AsSpan(length));
            if (space < 0)
            {
                break;
            }

            Mark.CopyTo(marked.AsSpan(length));
            length += Mark.Length;
            text = text[(space + 1)..];
        }

        for (ReadOnlySpan<byte> rest = marked.AsSpan(0, length); !rest.IsEmpty;)
        {
            int next = rest[1..].IndexOf(Mark);
            ReadOnlySpan<byte> word = next < 0 ? rest : rest[..(next + 1)];
            _model.AppendIds(word, ids);
            rest = rest[word.Length..];
        }

        ArrayPool<byte>.Shared.Return(marked);
    }

    /// <summary>Appends the ids of a word of ASCII characters, behind the mark.</summary>
    private bool EncodePlain(ReadOnlySpan<byte> text, List<int> ids)
    {
        byte[] word = _word is byte[] known && known.Length >= text.Length + Mark.Length + WordCache.LongestWord ? known : _word = new byte[Math.Max(1024, 2 * (text.Length + Mark.Length + WordCache.LongestWord))];
        Mark.CopyTo(word);
        if (!_rewriting.TryRewrite(text, word.AsSpan(Mark.Length)))
        {
            return false;
        }

        ReadOnlySpan<byte> whole = word.AsSpan(0, Mark.Length + text.Length);
        if (text.IsEmpty)
        {
            _model.AppendIds(whole, ids);
        }
        else if (!_remembered.TryAppend(word, Mark.Length, text.Length, ids))
        {
            int before = ids.Count;
            _model.AppendIds(whole, ids);
            _remembered.Keep(whole[Mark.Length..], CollectionsMarshal.AsSpan(ids)[before..]);
        }

        return true;
    }
}
