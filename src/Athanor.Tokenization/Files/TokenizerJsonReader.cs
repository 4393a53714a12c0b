using System.Text.Json;
using System.Text.Unicode;
using Athanor.Core.Errors;
using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Files;

/// <summary>
/// Reads the <c>tokenizer.json</c> of Hugging Face tokenizers. What is not known would change the ids, so a part, option or member that this version does not know is refused by its name.
/// </summary>
internal static class TokenizerJsonReader
{
    // Sequences may hold sequences; nothing real is deeper
    private const int MaxDepth = 32;

    /// <summary>Reads the bytes of a file.</summary>
    /// <exception cref="AthanorException">They are malformed, contradict themselves, or use a part this version does not know.</exception>
    public static TokenizerPipeline Read(ReadOnlySpan<byte> json, string path)
    {
        json = json.StartsWith("\uFEFF"u8) ? json[3..] : json;
        if (!Utf8.IsValid(json))
        {
            throw JsonPart.Broken(path, "it is not in UTF-8");
        }

        try
        {
            return ReadParts(json, path);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // The reader throws InvalidOperationException for half a surrogate pair in a string
            throw JsonPart.Broken(path, exception.Message, exception);
        }
    }

    private static TokenizerPipeline ReadParts(ReadOnlySpan<byte> json, string path)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw JsonPart.Broken(path, "it is no JSON object");
        }

        Dictionary<string, JsonElement> parts = [];
        HashSet<string> names = [];
        ITokenModel? model = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (!names.Add(name))
            {
                throw JsonPart.Broken(path, $"it has the part {name} twice");
            }

            switch (name)
            {
                case "model":
                    model = ModelJsonReader.Read(json, ref reader, path);
                    break;
                case "version" or "truncation" or "padding" or "added_tokens" or "normalizer" or "pre_tokenizer" or "post_processor" or "decoder":
                    parts[name] = JsonElement.ParseValue(ref reader);
                    break;
                default:
                    throw JsonPart.Broken(path, $"it has a part {name}, which this version does not know");
            }
        }

        while (reader.Read())
        {
            // Only white space may follow; the reader says so itself
        }

        if (parts.TryGetValue("version", out JsonElement version) && !(version.ValueKind == JsonValueKind.String && version.ValueEquals("1.0")))
        {
            throw JsonPart.Broken(path, $"it has the version {version}; known is 1.0");
        }

        model = model ?? throw JsonPart.Broken(path, "it has no model");
        INormalizer? normalizer = Read(parts, "normalizer", path, NormalizerJson.Read);
        return new TokenizerPipeline
        {
            Model = model,
            Added = parts.TryGetValue("added_tokens", out JsonElement added) ? ReadAdded(added, model, normalizer, path) : AddedVocabulary.Empty,
            Normalizer = normalizer,
            PreTokenizer = Read(parts, "pre_tokenizer", path, PreTokenizerJson.Read),
            PostProcessor = Read(parts, "post_processor", path, PostProcessorJson.Read),
            Decoder = Read(parts, "decoder", path, DecoderJson.Read),
            Truncation = Read(parts, "truncation", path, LengthJson.ReadTruncation),
            Padding = Read(parts, "padding", path, LengthJson.ReadPadding),
        };
    }

    private static T? Read<T>(Dictionary<string, JsonElement> parts, string name, string path, Func<JsonPart, T> read)
        where T : class =>
        parts.TryGetValue(name, out JsonElement element) && element.ValueKind != JsonValueKind.Null ? read(new JsonPart(element, path, name)) : null;

    private static AddedVocabulary ReadAdded(JsonElement list, ITokenModel model, INormalizer? normalizer, string path)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw JsonPart.Broken(path, "added_tokens is no list");
        }

        List<AddedToken> tokens = [];
        HashSet<string> seen = [];
        foreach (JsonElement element in list.EnumerateArray())
        {
            JsonPart part = new(element, path, $"added_tokens[{tokens.Count}]");
            AddedToken token = new(part.String("content"), part.Bool("single_word"), part.Bool("lstrip"), part.Bool("rstrip"), part.Bool("normalized"), part.Bool("special"));
            int id = part.Int("id");
            part.Done();
            if (!seen.Add(token.Content))
            {
                throw part.Broken($"is {token.Content}, which occurs twice");
            }

            // A token of the vocabulary keeps its id there; another one is numbered, but cannot have wanted the id of one that is there
            string? there = model.TokenOf(id);
            if (model.TryGetId(token.Content, out int own) ? own != id : there is not null)
            {
                throw part.Broken($"({token.Content}) has the id {id}, but {(there is null ? $"the vocabulary has it with the id {own}" : $"that is {there}'s in the vocabulary")}");
            }

            tokens.Add(token);
        }

        return new AddedVocabulary(tokens, model, normalizer);
    }
}
