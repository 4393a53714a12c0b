using System.Text.Json;
using Athanor.Core.Errors;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.Files;

/// <summary>The member <c>pattern</c> of a part: <c>{"String": …}</c> or <c>{"Regex": …}</c>.</summary>
internal static class PatternJson
{
    public static TextPattern Read(JsonPart part)
    {
        JsonPart pattern = part.Part("pattern");
        if (pattern.Has("String"))
        {
            return pattern.Done(TextPattern.OfString(pattern.String("String")));
        }

        string expression = pattern.Done(pattern.String("Regex"));
        try
        {
            return TextPattern.OfExpression(expression);
        }
        catch (AthanorException exception)
        {
            throw pattern.Broken($"cannot be read: {exception.Message}");
        }
    }

    public static void Write(Utf8JsonWriter json, TextPattern pattern)
    {
        json.WriteStartObject("pattern");
        json.WriteString(pattern.IsExpression ? "Regex" : "String", pattern.Text);
        json.WriteEndObject();
    }
}
