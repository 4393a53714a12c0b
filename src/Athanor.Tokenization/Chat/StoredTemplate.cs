using System.Text.Json;
using Athanor.Core.Errors;
using Athanor.Tokenization.Files;

namespace Athanor.Tokenization.Chat;

/// <summary>What a model's folder says about conversations.</summary>
/// <param name="Text">The template in Jinja; null where there is none.</param>
/// <param name="Tokens">The tokens with a role (<c>bos_token</c>, <c>eos_token</c> …), which a template may name.</param>
internal sealed record StoredTemplate(string? Text, IReadOnlyDictionary<string, string> Tokens)
{
    /// <summary>The file that holds a template alone.</summary>
    public const string FileName = "chat_template.jinja";

    private const string Default = "default";
    private const int LargestFile = 64 << 20;

    /// <summary>Reads <c>chat_template.jinja</c>, <c>tokenizer_config.json</c> and, for tokens that the latter does not speak of, <c>special_tokens_map.json</c>.</summary>
    /// <exception cref="AthanorException">A file is malformed, or has several templates and none is the default.</exception>
    public static StoredTemplate Read(string folder)
    {
        Dictionary<string, string> tokens = [];
        HashSet<string> known = [];
        string? text = From(Path.Combine(folder, FileName), File.ReadAllText);
        string? configured = FromJson(Path.Combine(folder, TokenizerFolder.ConfigFileName), root =>
        {
            AddTokens(root, tokens, known);
            if (root.TryGetProperty("extra_special_tokens", out JsonElement extra) && extra.ValueKind == JsonValueKind.Object)
            {
                AddTokens(extra, tokens, known);
            }

            return root.TryGetProperty("chat_template", out JsonElement template) ? Template(template) : null;
        });
        FromJson(Path.Combine(folder, TokenizerFolder.SpecialTokensFileName), root =>
        {
            AddTokens(root, tokens, known);
            return null;
        });
        return new StoredTemplate(text ?? configured, tokens);
    }

    private static string? Template(JsonElement template)
    {
        if (template.ValueKind != JsonValueKind.Array)
        {
            return template.ValueKind == JsonValueKind.Null ? null : template.GetString();
        }

        Dictionary<string, string> named = [];
        foreach (JsonElement one in template.EnumerateArray())
        {
            named[one.GetProperty("name").GetString() ?? ""] = one.GetProperty("template").GetString() ?? "";
        }

        return named.Count == 0 ? null
            : named.TryGetValue(Default, out string? text) ? text
            : throw new JsonException($"chat_template has templates named {string.Join(", ", named.Keys)}, but none named {Default}");
    }

    private static void AddTokens(JsonElement root, Dictionary<string, string> tokens, HashSet<string> known)
    {
        foreach (JsonProperty member in root.EnumerateObject().Where(member => member.Name.EndsWith("_token", StringComparison.Ordinal)))
        {
            string? token = member.Value.ValueKind switch
            {
                JsonValueKind.String => member.Value.GetString(),
                JsonValueKind.Object when member.Value.TryGetProperty("content", out JsonElement content) => content.GetString(),
                _ => null,
            };
            if (known.Add(member.Name) && token is not null)
            {
                tokens.Add(member.Name, token);
            }
        }
    }

    private static string? FromJson(string path, Func<JsonElement, string?> read) => From(path, path =>
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.ValueKind == JsonValueKind.Object ? read(document.RootElement) : throw new JsonException("it is not a JSON object");
    });

    private static string? From(string path, Func<string, string?> read)
    {
        try
        {
            return !File.Exists(path) ? null
                : new FileInfo(path).Length <= LargestFile ? read(path)
                : throw new JsonException($"the file is larger than {LargestFile:N0} bytes");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", "correct the file, or download it again", exception);
        }
    }
}
