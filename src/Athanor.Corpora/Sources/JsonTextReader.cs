using System.Text.Json;
using System.Text.Unicode;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Corpora.Statistics;

namespace Athanor.Corpora.Sources;

/// <summary>Reads the text of JSON lines: objects with a text under a given key. A line that is not one is counted and passed over.</summary>
internal static class JsonTextReader
{
    /// <summary>Streams the documents of a file.</summary>
    /// <exception cref="AthanorException">The file is missing or damaged, or not one of its lines has a text under the key.</exception>
    public static IEnumerable<Document> Read(string path, string name, string field, SourceTally tally)
    {
        bool any = false;
        string? fault = null;
        foreach (TextLine line in LineFile.Read(path))
        {
            if (!line.TooLong && line.Bytes.Span.Trim(" \t"u8).IsEmpty)
            {
                continue;
            }

            string? text = Text(line, field, out string problem);
            if (text is null)
            {
                tally.Skip("not a JSON object with a text", $"{path}:{line.Number}: {problem}");
                fault ??= $"line {line.Number}: {problem}";
                continue;
            }

            any = true;
            if (text.Length > 0)
            {
                yield return new Document { Id = $"{name}:{line.Number}", Text = text };
            }
        }

        if (!any && fault is not null)
        {
            throw new AthanorException($"{path}: no line is a JSON object with a text under \"{field}\" ({fault})", "name the key that holds the text: text_field of corpus.build in a recipe, --field of tokenizer train");
        }
    }

    private static string? Text(TextLine line, string field, out string problem)
    {
        problem = "";
        if (line.TooLong)
        {
            problem = $"the line is longer than {LineFile.DefaultLimit >> 20} MiB";
            return null;
        }

        if (!Utf8.IsValid(line.Bytes.Span))
        {
            problem = "not valid UTF-8";
            return null;
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(line.Bytes);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                problem = "not an object";
            }
            else if (!json.RootElement.TryGetProperty(field, out JsonElement value))
            {
                problem = $"no key \"{field}\"; it has {string.Join(", ", json.RootElement.EnumerateObject().Take(8).Select(property => PartCounter.Excerpt(property.Name, 40)))}";
            }
            else if (value.ValueKind != JsonValueKind.String)
            {
                problem = $"\"{field}\" is not a text";
            }
            else
            {
                return value.GetString();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            problem = exception.Message;
        }

        return null;
    }
}
