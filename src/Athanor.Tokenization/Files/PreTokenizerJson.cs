using System.Text.Json;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.Files;

/// <summary>The member <c>pre_tokenizer</c> of a tokenizer.json.</summary>
internal static class PreTokenizerJson
{
    public static IPreTokenizer Read(JsonPart part) => part.Type switch
    {
        "BertPreTokenizer" => part.Done(new BertPreTokenizer()),
        "ByteLevel" => part.Done(new ByteLevelPreTokenizer(part.Bool("add_prefix_space"), part.Bool("trim_offsets"), part.Bool("use_regex", absent: true))),
        "CharDelimiterSplit" or "Delimiter" => part.Done(new CharDelimiterSplitPreTokenizer(part.Character("delimiter"))),
        "Digits" => part.Done(new DigitsPreTokenizer(part.Bool("individual_digits"))),
        "FixedLength" => part.Done(new FixedLengthPreTokenizer(part.OptionalInt("length") ?? 5)),
        "Metaspace" => ReadMetaspace(part, (replacement, scheme, split) => new MetaspacePreTokenizer(replacement, scheme, split)),
        "Punctuation" => part.Done(new PunctuationPreTokenizer(part.Has("behavior") ? Behavior(part) : SplitBehavior.Isolated)),
        "Sequence" => part.Done(new PreTokenizerSequence([.. part.Parts("pretokenizers").Select(Read)])),
        "Split" => part.Done(new SplitPreTokenizer(PatternJson.Read(part), Behavior(part), part.Bool("invert"))),
        "UnicodeScripts" => part.Done(new UnicodeScriptsPreTokenizer()),
        "Whitespace" => part.Done(new WhitespacePreTokenizer()),
        "WhitespaceSplit" => part.Done(new WhitespaceSplitPreTokenizer()),
        string type => throw part.Broken($"has the type {type}, which this version does not know"),
    };

    /// <summary>The members that a pre-tokenizer and a decoder of the type Metaspace share, in the spelling of any version.</summary>
    public static T ReadMetaspace<T>(JsonPart part, Func<System.Text.Rune, PrependScheme, bool, T> make)
    {
        System.Text.Rune replacement = part.Character("replacement");
        part.Ignore("str_rep");
        PrependScheme scheme = PrependScheme.Always;
        if (part.Has("prepend_scheme"))
        {
            scheme = part.String("prepend_scheme") switch
            {
                "always" => PrependScheme.Always,
                "first" => PrependScheme.First,
                "never" => PrependScheme.Never,
                _ => throw part.Wrong("prepend_scheme", "always, first or never"),
            };
        }

        // Before there were schemes: false is never, whatever the scheme; true goes with any
        if (part.Has("add_prefix_space") && !part.Bool("add_prefix_space"))
        {
            if (part.Has("prepend_scheme") && scheme != PrependScheme.Never)
            {
                throw part.Broken($"has add_prefix_space false, but the prepend_scheme {part.String("prepend_scheme")}");
            }

            scheme = PrependScheme.Never;
        }

        return part.Done(make(replacement, scheme, part.Bool("split", absent: true)));
    }

    public static void Write(Utf8JsonWriter json, IPreTokenizer preTokenizer)
    {
        json.WriteStartObject();
        switch (preTokenizer)
        {
            case BertPreTokenizer:
                json.WriteString("type", "BertPreTokenizer");
                break;
            case ByteLevelPreTokenizer byteLevel:
                json.WriteString("type", "ByteLevel");
                json.WriteBoolean("add_prefix_space", byteLevel.AddPrefixSpace);
                json.WriteBoolean("trim_offsets", byteLevel.TrimOffsets);
                json.WriteBoolean("use_regex", byteLevel.UseExpression);
                break;
            case CharDelimiterSplitPreTokenizer delimiter:
                json.WriteString("type", "CharDelimiterSplit");
                json.WriteString("delimiter", delimiter.Delimiter.ToString());
                break;
            case DigitsPreTokenizer digits:
                json.WriteString("type", "Digits");
                json.WriteBoolean("individual_digits", digits.Individual);
                break;
            case FixedLengthPreTokenizer fixedLength:
                json.WriteString("type", "FixedLength");
                json.WriteNumber("length", fixedLength.Length);
                break;
            case MetaspacePreTokenizer metaspace:
                WriteMetaspace(json, metaspace.Replacement, metaspace.PrependScheme, metaspace.Split);
                break;
            case PunctuationPreTokenizer punctuation:
                json.WriteString("type", "Punctuation");
                json.WriteString("behavior", punctuation.Behavior.ToString());
                break;
            case PreTokenizerSequence sequence:
                json.WriteString("type", "Sequence");
                json.WriteStartArray("pretokenizers");
                foreach (IPreTokenizer inner in sequence.PreTokenizers)
                {
                    Write(json, inner);
                }

                json.WriteEndArray();
                break;
            case SplitPreTokenizer split:
                json.WriteString("type", "Split");
                PatternJson.Write(json, split.Pattern);
                json.WriteString("behavior", split.Behavior.ToString());
                json.WriteBoolean("invert", split.Invert);
                break;
            case UnicodeScriptsPreTokenizer:
                json.WriteString("type", "UnicodeScripts");
                break;
            case WhitespacePreTokenizer:
                json.WriteString("type", "Whitespace");
                break;
            case WhitespaceSplitPreTokenizer:
                json.WriteString("type", "WhitespaceSplit");
                break;
            default:
                throw new NotSupportedException($"{preTokenizer.GetType().Name} has no form in a tokenizer.json");
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the members of a part of the type Metaspace.</summary>
    public static void WriteMetaspace(Utf8JsonWriter json, System.Text.Rune replacement, PrependScheme scheme, bool split)
    {
        json.WriteString("type", "Metaspace");
        json.WriteString("replacement", replacement.ToString());
        json.WriteString("prepend_scheme", scheme.ToString().ToLowerInvariant());
        json.WriteBoolean("split", split);
    }

    private static SplitBehavior Behavior(JsonPart part) => part.String("behavior") switch
    {
        "Removed" => SplitBehavior.Removed,
        "Isolated" => SplitBehavior.Isolated,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        string other => throw part.Broken($"has the behavior {other}, which this version does not know"),
    };
}
