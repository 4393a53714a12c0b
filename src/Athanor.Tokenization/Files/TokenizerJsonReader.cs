using System.Text.Json;
using Athanor.Core.Errors;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.Files;

/// <summary>
/// Reads the <c>tokenizer.json</c> of Hugging Face tokenizers. What is not known would change the ids, so every part and option that differs from what
/// Athanor writes is refused by its name.
/// </summary>
internal sealed class TokenizerJsonReader
{
    private readonly string _path;

    private TokenizerJsonReader(string path)
    {
        _path = path;
    }

    public static Tokenizer Read(string path)
    {
        TokenizerJsonReader reader = new(path);
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 32 });
            return reader.Read(document.RootElement);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", $"name a folder that holds a {Tokenizer.FileName}, such as a model's", exception);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // JsonElement throws InvalidOperationException for a value of another type and for half a surrogate pair in a string
            throw reader.Broken(exception.Message, exception);
        }
    }

    private Tokenizer Read(JsonElement root)
    {
        Expect(root.ValueKind == JsonValueKind.Object, "it is no JSON object");
        foreach (JsonProperty property in root.EnumerateObject())
        {
            switch (property.Name)
            {
                case "version" or "added_tokens" or "model":
                    break;
                case "truncation" or "padding" or "normalizer" or "post_processor":
                    Expect(property.Value.ValueKind == JsonValueKind.Null, $"{property.Name} is {NameOf(property.Value)}, which this version does not know");
                    break;
                case "pre_tokenizer":
                    CheckPreTokenizer(property.Value);
                    break;
                case "decoder":
                    ExpectType(property.Value, "ByteLevel", "decoder");
                    break;
                default:
                    throw Broken($"it has a part {property.Name}, which this version does not know");
            }
        }

        Required(root, "pre_tokenizer");
        Required(root, "decoder");
        JsonElement model = Required(root, "model");
        CheckModel(model);
        string?[] tokens = ReadVocabulary(Required(model, "vocab"));
        Dictionary<string, int> ids = new(tokens.Length);
        for (int id = 0; id < tokens.Length; id++)
        {
            ids.Add(tokens[id]!, id);
        }

        List<string> special = ReadSpecialTokens(Required(root, "added_tokens"), ids);
        HashSet<string> specialSet = [.. special];
        foreach (string? token in tokens)
        {
            if (!specialSet.Contains(token!) && ByteAlphabet.Read(token!) is not { Length: > 0 })
            {
                throw Broken($"the token {token} is not written in the byte-level alphabet");
            }
        }

        for (int value = 0; value < 256; value++)
        {
            string character = ByteAlphabet.CharacterOf((byte)value).ToString();
            Expect(ids.ContainsKey(character) && !specialSet.Contains(character), $"the byte 0x{value:X2} (written {character}) is no token");
        }

        return new Tokenizer(tokens!, special, ReadMerges(Required(model, "merges"), ids));
    }

    private void CheckPreTokenizer(JsonElement element)
    {
        ExpectType(element, "Sequence", "pre_tokenizer");
        JsonElement[] parts = [.. Required(element, "pretokenizers").EnumerateArray()];
        Expect(parts.Length == 2, $"its pre_tokenizer has {parts.Length} parts; known is Split, then ByteLevel");
        ExpectType(parts[0], "Split", "pre_tokenizer");
        JsonElement pattern = Required(parts[0], "pattern");
        Expect(pattern.ValueKind == JsonValueKind.Object && pattern.TryGetProperty("Regex", out _), "its Split has no pattern of the kind Regex");
        string expression = pattern.GetProperty("Regex").GetString() ?? "";
        Expect(expression == WordSplitter.Pattern, $"its Split has the pattern {expression}, which this version does not know");
        Expect(Required(parts[0], "behavior").ValueEquals("Isolated"), $"its Split has the behavior {Required(parts[0], "behavior")}; known is Isolated");
        ExpectFalse(parts[0], "invert");
        ExpectType(parts[1], "ByteLevel", "pre_tokenizer");
        ExpectFalse(parts[1], "add_prefix_space");
        ExpectFalse(parts[1], "use_regex");
    }

    private void CheckModel(JsonElement model)
    {
        ExpectType(model, "BPE", "model");
        foreach (JsonProperty property in model.EnumerateObject())
        {
            switch (property.Name)
            {
                case "type" or "vocab" or "merges":
                    break;
                case "dropout" or "unk_token" or "continuing_subword_prefix" or "end_of_word_suffix":
                    Expect(
                        property.Value.ValueKind == JsonValueKind.Null || property.Value.ValueEquals(""),
                        $"its model has {property.Name} {property.Value}, which this version does not know");
                    break;
                case "fuse_unk" or "byte_fallback" or "ignore_merges":
                    ExpectFalse(model, property.Name);
                    break;
                default:
                    throw Broken($"its model has a part {property.Name}, which this version does not know");
            }
        }
    }

    private string?[] ReadVocabulary(JsonElement vocabulary)
    {
        Expect(vocabulary.ValueKind == JsonValueKind.Object, "its vocab is no JSON object");
        int count = vocabulary.GetPropertyCount();
        string?[] tokens = new string?[count];
        HashSet<string> seen = new(count);
        foreach (JsonProperty property in vocabulary.EnumerateObject())
        {
            if (!property.Value.TryGetInt32(out int id) || (uint)id >= (uint)count)
            {
                throw Broken($"the token {property.Name} has the id {property.Value}; {count} tokens have the ids 0 to {count - 1}");
            }

            if (tokens[id] is not null || !seen.Add(property.Name))
            {
                throw Broken(tokens[id] is null ? $"the token {property.Name} occurs twice" : $"the tokens {tokens[id]} and {property.Name} have the same id {id}");
            }

            tokens[id] = property.Name;
        }

        return tokens;
    }

    private List<string> ReadSpecialTokens(JsonElement added, Dictionary<string, int> ids)
    {
        Expect(added.ValueKind == JsonValueKind.Array, "its added_tokens are no array");
        OrderedDictionary<string, int> special = [];
        foreach (JsonElement token in added.EnumerateArray())
        {
            string content = Required(token, "content").GetString() ?? "";
            Expect(content.Length > 0, "an added token is empty");
            Expect(
                ids.TryGetValue(content, out int id) && Required(token, "id").TryGetInt32(out int given) && id == given,
                $"the added token {content} has the id {Required(token, "id")}, but its vocab has {(ids.TryGetValue(content, out int known) ? known : "none")}");
            ExpectFalse(token, "single_word");
            ExpectFalse(token, "lstrip");
            ExpectFalse(token, "rstrip");
            Expect(Required(token, "special").ValueKind == JsonValueKind.True, $"the added token {content} is not special, which this version does not know");
            Expect(special.TryAdd(content, id), $"the added token {content} occurs twice");
        }

        return [.. special.Keys];
    }

    private List<Merge> ReadMerges(JsonElement array, Dictionary<string, int> ids)
    {
        Expect(array.ValueKind == JsonValueKind.Array, "its merges are no array");
        List<Merge> merges = new(array.GetArrayLength());
        foreach (JsonElement element in array.EnumerateArray())
        {
            string[] pair = element.ValueKind == JsonValueKind.String
                ? element.GetString()!.Split(' ')
                : [.. element.EnumerateArray().Select(part => part.GetString() ?? "")];
            if (pair.Length != 2)
            {
                throw Broken($"merge {merges.Count} is {element}, not two tokens");
            }

            if (!ids.TryGetValue(pair[0], out int left) || !ids.TryGetValue(pair[1], out int right) || !ids.TryGetValue(pair[0] + pair[1], out int result))
            {
                throw Broken($"merge {merges.Count} ({pair[0]} {pair[1]}) names or makes a token that is not in the vocabulary");
            }

            merges.Add(new Merge(left, right, result));
        }

        return merges;
    }

    private JsonElement Required(JsonElement element, string name)
    {
        JsonElement value = default;
        Expect(element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out value), $"it has no {name} where one belongs");
        return value;
    }

    private void ExpectType(JsonElement element, string type, string place) =>
        Expect(element.ValueKind == JsonValueKind.Object && Required(element, "type").ValueEquals(type), $"its {place} is {NameOf(element)}; known is {type}");

    private void ExpectFalse(JsonElement element, string name) =>
        Expect(!element.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.False, $"{name} is set, which this version does not know");

    private static string NameOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("type", out JsonElement type) ? type.ToString() : element.ValueKind.ToString();

    private void Expect(bool condition, string fault)
    {
        if (!condition)
        {
            throw Broken(fault);
        }
    }

    private AthanorException Broken(string fault, Exception? inner = null) =>
        new($"{_path}: {fault.ReplaceLineEndings(" ")}", "use a byte-level BPE tokenizer.json as Athanor writes it, or train one with tokenizer.train", inner);
}
