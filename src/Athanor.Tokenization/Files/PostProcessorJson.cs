using System.Text.Json;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.PostProcessors;

namespace Athanor.Tokenization.Files;

/// <summary>The member <c>post_processor</c> of a tokenizer.json.</summary>
internal static class PostProcessorJson
{
    public static IPostProcessor Read(JsonPart part) => part.Type switch
    {
        "BertProcessing" => part.Done(new BertPostProcessor(Token(part, "sep"), Token(part, "cls"))),
        "RobertaProcessing" => part.Done(new RobertaPostProcessor(Token(part, "sep"), Token(part, "cls"), part.Bool("trim_offsets"), part.Bool("add_prefix_space"))),
        "ByteLevel" => part.Done(new ByteLevelPostProcessor(part.Bool("add_prefix_space"), part.Bool("trim_offsets"), part.Bool("use_regex", absent: true))),
        "TemplateProcessing" => ReadTemplate(part),
        "Sequence" => part.Done(new PostProcessorSequence([.. part.Parts("processors").Select(Read)])),
        string type => throw part.Broken($"has the type {type}, which this version does not know"),
    };

    public static void Write(Utf8JsonWriter json, IPostProcessor processor)
    {
        json.WriteStartObject();
        switch (processor)
        {
            case BertPostProcessor bert:
                json.WriteString("type", "BertProcessing");
                Write(json, "sep", bert.Separator);
                Write(json, "cls", bert.Classifier);
                break;
            case RobertaPostProcessor roberta:
                json.WriteString("type", "RobertaProcessing");
                Write(json, "sep", roberta.Separator);
                Write(json, "cls", roberta.Classifier);
                json.WriteBoolean("trim_offsets", roberta.TrimOffsets);
                json.WriteBoolean("add_prefix_space", roberta.AddPrefixSpace);
                break;
            case ByteLevelPostProcessor byteLevel:
                json.WriteString("type", "ByteLevel");
                json.WriteBoolean("add_prefix_space", byteLevel.AddPrefixSpace);
                json.WriteBoolean("trim_offsets", byteLevel.TrimOffsets);
                json.WriteBoolean("use_regex", byteLevel.UseRegex);
                break;
            case TemplatePostProcessor template:
                WriteTemplate(json, template);
                break;
            case PostProcessorSequence sequence:
                json.WriteString("type", "Sequence");
                json.WriteStartArray("processors");
                foreach (IPostProcessor inner in sequence.Parts)
                {
                    Write(json, inner);
                }

                json.WriteEndArray();
                break;
            default:
                throw new NotSupportedException($"{processor.GetType().Name} has no form in a tokenizer.json");
        }

        json.WriteEndObject();
    }

    private static SpecialToken Token(JsonPart part, string name)
    {
        (string text, int id) = part.TextAndNumber(name);
        return new SpecialToken(text, id);
    }

    private static TemplatePostProcessor ReadTemplate(JsonPart part)
    {
        Dictionary<string, SpecialToken[]> tokens = [];
        foreach ((string name, JsonPart token) in part.Map("special_tokens"))
        {
            JsonElement[] ids = token.List("ids");
            JsonElement[] texts = token.List("tokens");
            token.Ignore("id");
            token.Done();
            if (ids.Length != texts.Length)
            {
                throw token.Broken($"has {ids.Length} ids and {texts.Length} tokens");
            }

            tokens.Add(name, [.. ids.Zip(texts, (id, text) => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out int number) && number >= 0 && text.ValueKind == JsonValueKind.String
                ? new SpecialToken(text.GetString()!, number)
                : throw token.Broken("has an id that is no number, or a token that is no text"))]);
        }

        TemplatePostProcessor template = new(ReadTemplate(part, "single", tokens), ReadTemplate(part, "pair", tokens));
        if (template.Single.Any(place => place.Tokens is null && place.Sequence == 1))
        {
            throw part.Broken("asks for a second text in the template single");
        }

        return part.Done(template);
    }

    private static List<TemplatePart> ReadTemplate(JsonPart part, string name, Dictionary<string, SpecialToken[]> tokens)
    {
        List<TemplatePart> template = [];
        foreach (JsonPart place in part.Parts(name))
        {
            if (place.Has("Sequence"))
            {
                JsonPart text = place.Part("Sequence");
                int sequence = text.String("id") switch { "A" => 0, "B" => 1, _ => throw text.Wrong("id", "A or B") };
                template.Add(text.Done(new TemplatePart(text.Int("type_id"), sequence)));
            }
            else
            {
                JsonPart special = place.Part("SpecialToken");
                string id = special.String("id");
                template.Add(special.Done(new TemplatePart(special.Int("type_id"), 0, tokens.TryGetValue(id, out SpecialToken[]? known) ? known : throw special.Broken($"names {id}, which is not among special_tokens"), id)));
            }

            place.Done();
        }

        return template;
    }

    private static void Write(Utf8JsonWriter json, string name, SpecialToken token)
    {
        json.WriteStartArray(name);
        json.WriteStringValue(token.Token);
        json.WriteNumberValue(token.Id);
        json.WriteEndArray();
    }

    private static void WriteTemplate(Utf8JsonWriter json, TemplatePostProcessor template)
    {
        json.WriteString("type", "TemplateProcessing");
        foreach ((string name, IReadOnlyList<TemplatePart> parts) in ((string, IReadOnlyList<TemplatePart>)[])[("single", template.Single), ("pair", template.Pair)])
        {
            json.WriteStartArray(name);
            foreach (TemplatePart part in parts)
            {
                json.WriteStartObject();
                json.WriteStartObject(part.Tokens is null ? "Sequence" : "SpecialToken");
                json.WriteString("id", part.Tokens is not null ? part.Name : part.Sequence == 0 ? "A" : "B");
                json.WriteNumber("type_id", part.TypeId);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteStartObject("special_tokens");
        foreach (TemplatePart part in template.Single.Concat(template.Pair).Where(part => part.Tokens is not null).DistinctBy(part => part.Name).OrderBy(part => part.Name, StringComparer.Ordinal))
        {
            json.WriteStartObject(part.Name);
            json.WriteString("id", part.Name);
            json.WriteStartArray("ids");
            foreach (SpecialToken token in part.Tokens!)
            {
                json.WriteNumberValue(token.Id);
            }

            json.WriteEndArray();
            json.WriteStartArray("tokens");
            foreach (SpecialToken token in part.Tokens!)
            {
                json.WriteStringValue(token.Token);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
