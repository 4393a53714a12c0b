using System.Text;
using System.Text.Json;
using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Unigrams;

namespace Athanor.Tokenization.Files;

/// <summary>The member <c>normalizer</c> of a tokenizer.json.</summary>
internal static class NormalizerJson
{
    public static INormalizer Read(JsonPart part) => part.Type switch
    {
        "BertNormalizer" => part.Done(new BertNormalizer(
            part.Bool("clean_text"), part.Bool("handle_chinese_chars"), part.Has("strip_accents") ? part.Bool("strip_accents") : Absent(part, "strip_accents"), part.Bool("lowercase"))),
        "ByteLevel" => part.Done(new ByteLevelNormalizer()),
        "Lowercase" => part.Done(new LowercaseNormalizer()),
        "NFC" => part.Done(new UnicodeNormalizer(NormalizationForm.FormC)),
        "NFD" => part.Done(new UnicodeNormalizer(NormalizationForm.FormD)),
        "NFKC" => part.Done(new UnicodeNormalizer(NormalizationForm.FormKC)),
        "NFKD" => part.Done(new UnicodeNormalizer(NormalizationForm.FormKD)),
        "Nmt" => part.Done(new NmtNormalizer()),
        "Precompiled" => ReadPrecompiled(part),
        "Prepend" => part.Done(new PrependNormalizer(part.String("prepend"))),
        "Replace" => part.Done(new ReplaceNormalizer(PatternJson.Read(part), part.String("content"))),
        "Sequence" => part.Done(new NormalizerSequence([.. part.Parts("normalizers").Select(Read)])),
        "Strip" => part.Done(new StripNormalizer(part.Bool("strip_left"), part.Bool("strip_right"))),
        "StripAccents" => part.Done(new StripAccentsNormalizer()),
        string type => throw part.Broken($"has the type {type}, which this version does not know"),
    };

    public static void Write(Utf8JsonWriter json, INormalizer normalizer)
    {
        json.WriteStartObject();
        switch (normalizer)
        {
            case BertNormalizer bert:
                json.WriteString("type", "BertNormalizer");
                json.WriteBoolean("clean_text", bert.CleanText);
                json.WriteBoolean("handle_chinese_chars", bert.HandleChineseCharacters);
                if (bert.StripAccents is bool strip)
                {
                    json.WriteBoolean("strip_accents", strip);
                }
                else
                {
                    json.WriteNull("strip_accents");
                }

                json.WriteBoolean("lowercase", bert.Lowercase);
                break;
            case ByteLevelNormalizer:
                json.WriteString("type", "ByteLevel");
                break;
            case LowercaseNormalizer:
                json.WriteString("type", "Lowercase");
                break;
            case UnicodeNormalizer unicode:
                json.WriteString("type", unicode.Form switch
                {
                    NormalizationForm.FormC => "NFC",
                    NormalizationForm.FormD => "NFD",
                    NormalizationForm.FormKC => "NFKC",
                    _ => "NFKD",
                });
                break;
            case NmtNormalizer:
                json.WriteString("type", "Nmt");
                break;
            case PrecompiledNormalizer precompiled:
                json.WriteString("type", "Precompiled");
                json.WriteBase64String("precompiled_charsmap", precompiled.Map.Bytes);
                break;
            case PrependNormalizer prepend:
                json.WriteString("type", "Prepend");
                json.WriteString("prepend", prepend.Prefix);
                break;
            case ReplaceNormalizer replace:
                json.WriteString("type", "Replace");
                PatternJson.Write(json, replace.Pattern);
                json.WriteString("content", replace.Content);
                break;
            case NormalizerSequence sequence:
                json.WriteString("type", "Sequence");
                json.WriteStartArray("normalizers");
                foreach (INormalizer inner in sequence.Normalizers)
                {
                    Write(json, inner);
                }

                json.WriteEndArray();
                break;
            case StripNormalizer strips:
                json.WriteString("type", "Strip");
                json.WriteBoolean("strip_left", strips.Left);
                json.WriteBoolean("strip_right", strips.Right);
                break;
            case StripAccentsNormalizer:
                json.WriteString("type", "StripAccents");
                break;
            default:
                throw new NotSupportedException($"{normalizer.GetType().Name} has no form in a tokenizer.json");
        }

        json.WriteEndObject();
    }

    private static bool? Absent(JsonPart part, string name)
    {
        part.Ignore(name);
        return null;
    }

    private static PrecompiledNormalizer ReadPrecompiled(JsonPart part)
    {
        if (!part.Take("precompiled_charsmap").TryGetBytesFromBase64(out byte[]? bytes))
        {
            throw part.Wrong("precompiled_charsmap", "base64");
        }

        return part.Done(new PrecompiledNormalizer(PrecompiledMap.Read(bytes)));
    }
}
