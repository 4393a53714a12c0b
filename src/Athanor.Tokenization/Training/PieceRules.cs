using Athanor.Tokenization.SentencePiece;
using Athanor.Tokenization.Unicode;

namespace Athanor.Tokenization.Training;

/// <summary>Which strings SentencePiece lets become pieces: length, white space only at one end, one script, digits by themselves.</summary>
internal sealed class PieceRules
{
    /// <summary>What stands for characters that the vocabulary does not have.</summary>
    public const int Unknown = 0x2585;

    /// <summary>What stands for a space.</summary>
    public const int Space = 0x2581;

    /// <summary>What stands where a given piece was taken out.</summary>
    public const int Cut = '\t';

    private const byte Any = 0;
    private const byte Inherited = 1;
    private const byte Han = 2;
    private const byte Common = 3;

    private static readonly Lazy<byte[]?[]> Scripts = new(BuildScripts);

    private readonly bool _byScript;
    private readonly bool _byWhitespace;
    private readonly bool _byNumber;
    private readonly bool _splitDigits;
    private readonly bool _suffix;
    private readonly bool _onlySpaces;

    public PieceRules(TrainerSpec spec)
    {
        Longest = spec.MaximumPieceLength;
        _byScript = spec.SplitByUnicodeScript;
        _byWhitespace = spec.SplitByWhitespace;
        _byNumber = spec.SplitByNumber;
        _splitDigits = spec.SplitDigits;
        _suffix = spec.TreatWhitespaceAsSuffix;
        _onlySpaces = spec.AllowWhitespaceOnlyPieces;
    }

    /// <summary>The most code points of a piece.</summary>
    public int Longest { get; }

    /// <summary>Whether a string may be a piece.</summary>
    public bool Allow(ReadOnlySpan<int> piece)
    {
        if (piece.IsEmpty || piece.Length > Longest)
        {
            return false;
        }

        bool spaces = _onlySpaces && !piece.ContainsAnyExcept(Space);
        byte previous = Any;
        for (int at = 0; at < piece.Length; at++)
        {
            int character = piece[at];
            if (character is Unknown or 0 or Cut or ' ')
            {
                return false;
            }

            if (character == Space)
            {
                if (!spaces && !SpaceAllowed(at, piece.Length))
                {
                    return false;
                }

                continue;
            }

            byte script = ScriptOf(character);
            script = script == Inherited ? previous : script;
            if (IsDigit(character))
            {
                script = _byNumber ? script : Any;
                if (_splitDigits && piece.Length > 1)
                {
                    return false;
                }
            }

            if (_byScript && script != Any && previous != Any && previous != script)
            {
                return false;
            }

            previous = script;
        }

        return true;
    }

    private static bool IsDigit(int character) => character is (>= '0' and <= '9') or (>= 0xFF10 and <= 0xFF19);

    private static byte ScriptOf(int character) => Scripts.Value[character >> 8] is byte[] row ? row[character & 0xFF] : Common;

    private static byte[]?[] BuildScripts()
    {
        byte[]?[] rows = new byte[CodePointSet.Limit >> 8][];
        byte next = Common + 1;
        const string prefix = "9.0 script ";
        foreach (string name in CharacterDatabase.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            byte script = name[prefix.Length..] switch
            {
                "Common" => Common,
                "Inherited" => Inherited,
                "Han" or "Hiragana" or "Katakana" => Han,
                _ => next++,
            };
            foreach ((int first, int last) in CharacterDatabase.Set(name).Ranges)
            {
                Fill(rows, first, last, script);
            }
        }

        // The long vowel mark of kana is Common in the database
        Fill(rows, 0x30FC, 0x30FC, Han);
        return rows;
    }

    private static void Fill(byte[]?[] rows, int first, int last, byte script)
    {
        for (int code = first; code <= last; code++)
        {
            byte[] row = rows[code >> 8] ??= NewRow();
            row[code & 0xFF] = script;
        }
    }

    private static byte[] NewRow()
    {
        byte[] row = new byte[256];
        Array.Fill(row, Common);
        return row;
    }

    private bool SpaceAllowed(int at, int length) => _suffix
        ? at == length - 1 || (!_byWhitespace && at != 0)
        : at == 0 || (!_byWhitespace && at != length - 1);
}
