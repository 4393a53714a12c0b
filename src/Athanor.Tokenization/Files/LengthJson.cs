using System.Text.Json;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Files;

/// <summary>The members <c>truncation</c> and <c>padding</c> of a tokenizer.json.</summary>
internal static class LengthJson
{
    // Padding takes memory by a number in the file: longer than any context there is
    private const int LongestPadding = 1 << 24;

    public static Truncation ReadTruncation(JsonPart part) => part.Done(new Truncation(
        part.Int("max_length"),
        part.Int("stride"),
        part.String("strategy") switch
        {
            "LongestFirst" => TruncationStrategy.LongestFirst,
            "OnlyFirst" => TruncationStrategy.OnlyFirst,
            "OnlySecond" => TruncationStrategy.OnlySecond,
            _ => throw part.Wrong("strategy", "LongestFirst, OnlyFirst or OnlySecond"),
        },
        IsLeft(part, absent: "Right")));

    public static Padding ReadPadding(JsonPart part)
    {
        int? length = null;
        int? multiple = part.OptionalInt("pad_to_multiple_of");
        if (part.Take("strategy").ValueKind == JsonValueKind.Object)
        {
            JsonPart strategy = part.Part("strategy");
            length = strategy.Done(strategy.Int("Fixed"));
        }
        else if (part.String("strategy") != "BatchLongest")
        {
            throw part.Wrong("strategy", "BatchLongest or Fixed");
        }

        if (length > LongestPadding || multiple > LongestPadding)
        {
            throw part.Broken($"fills up to more than {LongestPadding} tokens");
        }

        return part.Done(new Padding(length, multiple, IsLeft(part, absent: null), part.Int("pad_id"), part.Int("pad_type_id"), part.String("pad_token")));
    }

    public static void Write(Utf8JsonWriter json, Truncation truncation)
    {
        json.WriteStartObject();
        json.WriteString("direction", truncation.Left ? "Left" : "Right");
        json.WriteNumber("max_length", truncation.MaxLength);
        json.WriteString("strategy", truncation.Strategy.ToString());
        json.WriteNumber("stride", truncation.Stride);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, Padding padding)
    {
        json.WriteStartObject();
        if (padding.Length is int length)
        {
            json.WriteStartObject("strategy");
            json.WriteNumber("Fixed", length);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("strategy", "BatchLongest");
        }

        json.WriteString("direction", padding.Left ? "Left" : "Right");
        if (padding.MultipleOf is int multiple)
        {
            json.WriteNumber("pad_to_multiple_of", multiple);
        }
        else
        {
            json.WriteNull("pad_to_multiple_of");
        }

        json.WriteNumber("pad_id", padding.Id);
        json.WriteNumber("pad_type_id", padding.TypeId);
        json.WriteString("pad_token", padding.Token);
        json.WriteEndObject();
    }

    private static bool IsLeft(JsonPart part, string? absent) => (part.Has("direction") || absent is null ? part.String("direction") : absent) switch
    {
        "Left" => true,
        "Right" => false,
        _ => throw part.Wrong("direction", "Left or Right"),
    };
}
