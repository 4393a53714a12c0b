using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Athanor.Tokenization.Unicode;

/// <summary>The properties of characters that tokenizers ask for, each as the reference knows it.</summary>
internal static class CharacterProperties
{
    private static readonly Lazy<CodePointSet[]> Categories = new(BuildCategories);
    private static readonly Lazy<Dictionary<string, Func<CodePointSet>>> Named = new(BuildNamed);
    private static readonly ConcurrentDictionary<string, CodePointSet> Made = new();

    // Asked for with every character
    private static readonly Lazy<CodePointSet> Punctuation = new(() => Older("8.0", "Punctuation", Get("p")).Union(CodePointSet.OfRanges([(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)])));
    private static readonly Lazy<CodePointSet> NonspacingMarks = new(() => Older("8.0", "Nonspacing_Mark", Get("mn")));
    private static readonly Lazy<CodePointSet> Other = new(() => Get("cc").Union(Older("8.0", "Format", Get("cf"))).Union(Get("co")));
    private static readonly Lazy<CodePointSet> Marks = new(() => Older("9.0", "Mark", Get("m")));

    /// <summary>White_Space.</summary>
    public static CodePointSet WhiteSpace { get; } =
        CodePointSet.OfRanges([(0x9, 0xD), (0x20, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)]);

    /// <summary>Word characters of expressions: Alphabetic, marks, decimal numbers, connectors.</summary>
    public static CodePointSet Word => Get("word");

    /// <summary>Word characters of Rust's expressions: the joiners are too.</summary>
    public static CodePointSet WordWithJoiners => Made.GetOrAdd("word with joiners", _ => Word.Union(Get("joincontrol")));

    /// <summary>Numbers of any kind, as Rust's <c>is_numeric</c> knows them (Unicode 17.0).</summary>
    public static CodePointSet Numeric => Made.GetOrAdd("numeric", _ => Get("n").Union(CodePointSet.OfRanges([(0x11DE0, 0x11DE9), (0x16FF4, 0x16FF6)])));

    /// <summary>Punctuation as BERT's parts know it: ASCII's symbols are punctuation too.</summary>
    public static CodePointSet BertPunctuation => Punctuation.Value;

    /// <summary>Marks without width as BERT's normalizer knows them.</summary>
    public static CodePointSet BertNonspacingMarks => NonspacingMarks.Value;

    /// <summary>Control, format and private-use characters as BERT's normalizer knows them.</summary>
    public static CodePointSet BertOther => Other.Value;

    /// <summary>Marks of all kinds as the accents' normalizer knows them.</summary>
    public static CodePointSet CombiningMarks => Marks.Value;

    /// <summary>A property by the name expressions give it: a general category, a script, a binary property, a POSIX class. Case, spaces, hyphens and underscores do not count.</summary>
    public static bool TryGet(string name, out CodePointSet set)
    {
        string key = Key(name);
        if (!Named.Value.TryGetValue(key, out Func<CodePointSet>? make))
        {
            set = CodePointSet.Empty;
            return false;
        }

        set = Made.GetOrAdd(key, _ => make());
        return true;
    }

    private static CodePointSet Get(string name) => TryGet(name, out CodePointSet set) ? set : throw new InvalidOperationException(name);

    private static CodePointSet Older(string version, string category, CodePointSet now) =>
        now.Except(CharacterDatabase.Set($"{version} {category} without")).Union(CharacterDatabase.Set($"{version} {category} with"));

    private static string Key(string name)
    {
        StringBuilder key = new(name.Length);
        foreach (char letter in name)
        {
            if (letter is not (' ' or '-' or '_'))
            {
                key.Append(char.ToLowerInvariant(letter));
            }
        }

        return key.ToString();
    }

    private static CodePointSet Of(params ReadOnlySpan<UnicodeCategory> categories)
    {
        CodePointSet set = CodePointSet.Empty;
        foreach (UnicodeCategory category in categories)
        {
            set = set.Union(Categories.Value[(int)category]);
        }

        return set;
    }

    private static CodePointSet[] BuildCategories()
    {
        List<(int First, int Last)>[] ranges = new List<(int First, int Last)>[30];
        for (int category = 0; category < ranges.Length; category++)
        {
            ranges[category] = [];
        }

        int first = 0;
        UnicodeCategory current = CharUnicodeInfo.GetUnicodeCategory(0);
        for (int code = 1; code <= CodePointSet.Limit; code++)
        {
            // Planes 4 to 13 have no character and will have none soon; 15 and 16 are private but for their last two
            if (code == 0x40001)
            {
                code = 0xE0000;
            }
            else if (code is 0xF0001 or 0x100001)
            {
                code += 0xFFFD;
            }

            UnicodeCategory next = code == CodePointSet.Limit ? (UnicodeCategory)(-1) : CharUnicodeInfo.GetUnicodeCategory(code);
            if (next != current)
            {
                ranges[(int)current].Add((first, code - 1));
                first = code;
                current = next;
            }
        }

        return Array.ConvertAll(ranges, CodePointSet.OfRanges);
    }

    private static Dictionary<string, Func<CodePointSet>> BuildNamed()
    {
        Dictionary<string, Func<CodePointSet>> named = [];
        void Category(string names, params UnicodeCategory[] categories)
        {
            foreach (string name in names.Split(' '))
            {
                named.Add(Key(name), () => Of(categories));
            }
        }

        Category("Lu Uppercase_Letter", UnicodeCategory.UppercaseLetter);
        Category("Ll Lowercase_Letter", UnicodeCategory.LowercaseLetter);
        Category("Lt Titlecase_Letter", UnicodeCategory.TitlecaseLetter);
        Category("LC Cased_Letter", UnicodeCategory.UppercaseLetter, UnicodeCategory.LowercaseLetter, UnicodeCategory.TitlecaseLetter);
        Category("Lm Modifier_Letter", UnicodeCategory.ModifierLetter);
        Category("Lo Other_Letter", UnicodeCategory.OtherLetter);
        Category(
            "L Letter", UnicodeCategory.UppercaseLetter, UnicodeCategory.LowercaseLetter, UnicodeCategory.TitlecaseLetter, UnicodeCategory.ModifierLetter, UnicodeCategory.OtherLetter);
        Category("Mn Nonspacing_Mark", UnicodeCategory.NonSpacingMark);
        Category("Mc Spacing_Mark", UnicodeCategory.SpacingCombiningMark);
        Category("Me Enclosing_Mark", UnicodeCategory.EnclosingMark);
        Category("M Mark Combining_Mark", UnicodeCategory.NonSpacingMark, UnicodeCategory.SpacingCombiningMark, UnicodeCategory.EnclosingMark);
        Category("Nd Decimal_Number Digit", UnicodeCategory.DecimalDigitNumber);
        Category("Nl Letter_Number", UnicodeCategory.LetterNumber);
        Category("No Other_Number", UnicodeCategory.OtherNumber);
        Category("N Number", UnicodeCategory.DecimalDigitNumber, UnicodeCategory.LetterNumber, UnicodeCategory.OtherNumber);
        Category("Pc Connector_Punctuation", UnicodeCategory.ConnectorPunctuation);
        Category("Pd Dash_Punctuation", UnicodeCategory.DashPunctuation);
        Category("Ps Open_Punctuation", UnicodeCategory.OpenPunctuation);
        Category("Pe Close_Punctuation", UnicodeCategory.ClosePunctuation);
        Category("Pi Initial_Punctuation", UnicodeCategory.InitialQuotePunctuation);
        Category("Pf Final_Punctuation", UnicodeCategory.FinalQuotePunctuation);
        Category("Po Other_Punctuation", UnicodeCategory.OtherPunctuation);
        Category(
            "P Punctuation", UnicodeCategory.ConnectorPunctuation, UnicodeCategory.DashPunctuation, UnicodeCategory.OpenPunctuation, UnicodeCategory.ClosePunctuation,
            UnicodeCategory.InitialQuotePunctuation, UnicodeCategory.FinalQuotePunctuation, UnicodeCategory.OtherPunctuation);
        Category("Sm Math_Symbol", UnicodeCategory.MathSymbol);
        Category("Sc Currency_Symbol", UnicodeCategory.CurrencySymbol);
        Category("Sk Modifier_Symbol", UnicodeCategory.ModifierSymbol);
        Category("So Other_Symbol", UnicodeCategory.OtherSymbol);
        Category("S Symbol", UnicodeCategory.MathSymbol, UnicodeCategory.CurrencySymbol, UnicodeCategory.ModifierSymbol, UnicodeCategory.OtherSymbol);
        Category("Zs Space_Separator", UnicodeCategory.SpaceSeparator);
        Category("Zl Line_Separator", UnicodeCategory.LineSeparator);
        Category("Zp Paragraph_Separator", UnicodeCategory.ParagraphSeparator);
        Category("Z Separator", UnicodeCategory.SpaceSeparator, UnicodeCategory.LineSeparator, UnicodeCategory.ParagraphSeparator);
        Category("Cc Control Cntrl", UnicodeCategory.Control);
        Category("Cf Format", UnicodeCategory.Format);
        Category("Co Private_Use", UnicodeCategory.PrivateUse);
        Category("Cs Surrogate", UnicodeCategory.Surrogate);
        Category("Cn Unassigned", UnicodeCategory.OtherNotAssigned);
        Category("C Other", UnicodeCategory.Control, UnicodeCategory.Format, UnicodeCategory.PrivateUse, UnicodeCategory.Surrogate, UnicodeCategory.OtherNotAssigned);

        foreach (string line in CharacterDatabase.Names)
        {
            if (line.StartsWith("property ", StringComparison.Ordinal))
            {
                named.Add(Key(line["property ".Length..]), () => CharacterDatabase.Set(line));
            }
            else if (line.StartsWith("script ", StringComparison.Ordinal))
            {
                foreach (string name in line["script ".Length..].Split(' '))
                {
                    named.Add(Key(name), () => CharacterDatabase.Set(line));
                }
            }
        }

        named.Add("unknown", () => CharacterDatabase.Names.Where(name => name.StartsWith("script ", StringComparison.Ordinal))
            .Aggregate(CodePointSet.Empty, (all, line) => all.Union(CharacterDatabase.Set(line))).Complement());
        named.Add("zzzz", () => Get("unknown"));
        named.Add("any", () => CodePointSet.All);
        named.Add("assigned", () => Get("cn").Complement());
        named.Add("ascii", () => CodePointSet.Of(0, 0x7F));
        named.Add("whitespace", () => WhiteSpace);
        named.Add("space", () => WhiteSpace);
        named.Add("blank", () => Get("zs").Union(CodePointSet.Of('\t', '\t')));
        named.Add("alpha", () => Get("alphabetic"));
        named.Add("alnum", () => Get("alphabetic").Union(Get("nd")));
        named.Add("upper", () => Get("uppercase"));
        named.Add("lower", () => Get("lowercase"));
        named.Add("punct", () => Get("p"));
        named.Add("xposixpunct", () => Get("p").Union(Get("s")));
        named.Add("xdigit", () => CodePointSet.OfRanges([('0', '9'), ('A', 'F'), ('a', 'f')]));
        named.Add("asciihexdigit", () => Get("xdigit"));
        named.Add("graph", () => WhiteSpace.Union(Get("cc")).Union(Get("cn")).Union(Get("cs")).Complement());
        named.Add("print", () => Get("graph").Union(Get("zs")));
        named.Add("word", () => Get("alphabetic").Union(Get("m")).Union(Get("nd")).Union(Get("pc")));
        return named;
    }
}
