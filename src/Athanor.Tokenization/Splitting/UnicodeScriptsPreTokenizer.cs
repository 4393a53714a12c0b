using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Splitting;

/// <summary>
/// Cuts where the script changes (Unicode 9.0). Kana and ideographs count as one script, spaces and unassigned characters as part of what is before them; at
/// the beginning of a text they go, as in the reference.
/// </summary>
internal sealed record UnicodeScriptsPreTokenizer : IPreTokenizer
{
    private static readonly Lazy<byte[]?[]> Scripts = new(BuildScripts);

    /// <inheritdoc/>
    public void PreTokenize(PreTokenizedText text) => text.Cut((part, parts) =>
    {
        ReadOnlySpan<char> span = part.Span;
        int start = -1, last = 0;
        for (int at = 0; at < span.Length;)
        {
            int code = span[at];
            int width = char.IsHighSurrogate(span[at]) ? 2 : 1;
            if (width == 2)
            {
                code = char.ConvertToUtf32(span[at], span[at + 1]);
            }

            int script = ScriptOf(code);
            if (script != 0 && script != last)
            {
                if (start >= 0)
                {
                    parts.Add(new TextPart(part.Slice(start, at - start)));
                }

                (start, last) = (at, script);
            }

            at += width;
        }

        if (start >= 0)
        {
            parts.Add(new TextPart(part.Slice(start, span.Length - start)));
        }
    });

    private static byte ScriptOf(int code) => Scripts.Value[code >> 8] is byte[] row ? row[code & 0xFF] : (byte)0;

    private static byte[]?[] BuildScripts()
    {
        byte[]?[] rows = new byte[CodePointSet.Limit >> 8][];
        void Fill(CodePointSet set, byte script)
        {
            foreach ((int first, int last) in set.Ranges)
            {
                for (int code = first; code <= last; code++)
                {
                    (rows[code >> 8] ??= new byte[256])[code & 0xFF] = script;
                }
            }
        }

        const string prefix = "9.0 script ";
        const byte han = 1;
        byte count = han;
        foreach (string line in CharacterDatabase.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            Fill(CharacterDatabase.Set(line), line[prefix.Length..] is "Han" or "Hiragana" or "Katakana" ? han : ++count);
        }

        // The long vowel mark of kana is Common in the database
        Fill(CodePointSet.Of(0x30FC, 0x30FC), han);
        Fill(CodePointSet.Of(' ', ' '), 0);
        return rows;
    }
}
