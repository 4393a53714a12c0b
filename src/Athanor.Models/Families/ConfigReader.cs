using System.Text.Json;
using Athanor.Core.Errors;
using Athanor.Models.Specifications;

namespace Athanor.Models.Families;

/// <summary>Reads settings of a <c>config.json</c>, naming file and key in every complaint.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="config">The object.</param>
public sealed class ConfigReader(string path, JsonElement config)
{
    /// <summary>A whole number that must be there.</summary>
    public int Integer(string key) => OptionalInteger(key) ?? throw Fault($"lacks {key}");

    /// <summary>A whole number; null where it is missing or null.</summary>
    public int? OptionalInteger(string key)
    {
        if (Find(key) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue
            ? (int)number
            : throw Fault($"has {key} = {Shown(value)}, which is no whole number");
    }

    /// <summary>A number; null where it is missing or null.</summary>
    public double? OptionalNumber(string key)
    {
        if (Find(key) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw Fault($"has {key} = {Shown(value)}, which is no number");
    }

    /// <summary>True or false; <paramref name="otherwise"/> where it is missing or null.</summary>
    public bool Boolean(string key, bool otherwise) => Find(key) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } value => throw Fault($"has {key} = {Shown(value)}, which is neither true nor false"),
    };

    /// <summary>A text; null where it is missing or null.</summary>
    public string? Text(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } value => throw Fault($"has {key} = {Shown(value)}, which is no text"),
    };

    /// <summary>A nested object; null where it is missing or null.</summary>
    public ConfigReader? Object(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new ConfigReader($"{path}, {key}", value),
        { } value => throw Fault($"has {key} = {Shown(value)}, which is no object"),
    };

    /// <summary>A whole number or a list of them; empty where it is missing or null.</summary>
    public IReadOnlyList<int> Integers(string key) => Find(key) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int number) ? number : throw Fault($"has {key} = {Shown(list)}, which is no list of whole numbers"))],
        _ => [Integer(key)],
    };

    /// <summary>A nonlinearity by Hugging Face's names.</summary>
    public Activation Activation(string key, string otherwise) => (Text(key) ?? otherwise) switch
    {
        "silu" or "swish" => Specifications.Activation.Silu,
        "gelu" => Specifications.Activation.Gelu,
        "gelu_new" or "gelu_pytorch_tanh" => Specifications.Activation.GeluTanh,
        "relu" => Specifications.Activation.Relu,
        var name => throw Fault($"has {key} = {name}, which is not known"),
    };

    /// <summary>The name <see cref="Activation"/> reads.</summary>
    public static string NameOf(Activation activation) => activation switch
    {
        Specifications.Activation.Silu => "silu",
        Specifications.Activation.Gelu => "gelu",
        Specifications.Activation.GeluTanh => "gelu_pytorch_tanh",
        _ => "relu",
    };

    /// <summary>A complaint about this file.</summary>
    public AthanorException Fault(string fault) => new($"{path} {fault}", "use a model of a family and with settings that this version knows (llama, mistral, gpt2)");

    private JsonElement? Find(string key) => config.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string Shown(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= 60 ? text : $"{text[..60]}…";
    }
}
