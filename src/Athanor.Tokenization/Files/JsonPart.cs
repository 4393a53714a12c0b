using System.Text;
using System.Text.Json;
using Athanor.Core.Errors;

namespace Athanor.Tokenization.Files;

/// <summary>
/// An object of a tokenizer's file with its place in it, for messages. Members are taken one by one; one that nobody took is refused, because what is not known may change the ids.
/// </summary>
internal sealed class JsonPart
{
    private readonly string _file;
    private readonly Dictionary<string, JsonElement> _members = [];
    private readonly HashSet<string> _taken = [];

    public JsonPart(JsonElement element, string file, string place)
    {
        _file = file;
        Place = place;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Broken(file, $"{place} is {Name(element)}, not an object");
        }

        foreach (JsonProperty member in element.EnumerateObject())
        {
            if (!_members.TryAdd(member.Name, member.Value))
            {
                throw Broken(file, $"{place} has the member {member.Name} twice");
            }
        }
    }

    /// <summary>Where the object stands.</summary>
    public string Place { get; }

    /// <summary>What kind of part it is.</summary>
    public string Type => String("type");

    /// <summary>Whether there is a member that is not null.</summary>
    public bool Has(string name) => _members.TryGetValue(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    public string String(string name) => Take(name) is { ValueKind: JsonValueKind.String } value ? Text(value) : throw Wrong(name, "a text");

    public string? OptionalString(string name) => HasTaken(name) ? String(name) : null;

    public bool Bool(string name) => Take(name).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name, "true or false"),
    };

    public bool Bool(string name, bool absent) => HasTaken(name) ? Bool(name) : absent;

    /// <summary>A number that is at least 0.</summary>
    public int Int(string name) => Take(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int number) && number >= 0 ? number : throw Wrong(name, "a whole number from 0 on");

    public int? OptionalInt(string name) => HasTaken(name) ? Int(name) : null;

    public double? OptionalNumber(string name) => !HasTaken(name) ? null
        : Take(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out double number) ? number : throw Wrong(name, "a number");

    /// <summary>A text of exactly one character.</summary>
    public Rune Character(string name)
    {
        string text = String(name);
        return Rune.DecodeFromUtf16(text, out Rune character, out int width) == System.Buffers.OperationStatus.Done && width == text.Length ? character : throw Wrong(name, "one character");
    }

    /// <summary>An object within this one.</summary>
    public JsonPart Part(string name) => new(Take(name), _file, $"{Place}.{name}");

    /// <summary>The objects of a list.</summary>
    public JsonPart[] Parts(string name) => [.. List(name).Select((item, index) => new JsonPart(item, _file, $"{Place}.{name}[{index}]"))];

    public JsonElement[] List(string name) => Take(name) is { ValueKind: JsonValueKind.Array } value ? [.. value.EnumerateArray()] : throw Wrong(name, "a list");

    /// <summary>The members of an object within this one by their names.</summary>
    public Dictionary<string, JsonPart> Map(string name)
    {
        JsonPart part = Part(name);
        return part._members.ToDictionary(member => member.Key, member => new JsonPart(member.Value, _file, $"{part.Place}.{member.Key}"));
    }

    /// <summary>A pair of a text and a number.</summary>
    public (string Text, int Number) TextAndNumber(string name) =>
        List(name) is [{ ValueKind: JsonValueKind.String } text, { ValueKind: JsonValueKind.Number } number] && number.TryGetInt32(out int value) && value >= 0
            ? (Text(text), value)
            : throw Wrong(name, "a pair of a text and a number");

    /// <summary>The member itself.</summary>
    public JsonElement Take(string name)
    {
        _taken.Add(name);
        return _members.TryGetValue(name, out JsonElement value) ? value : throw Broken($"has no {name}");
    }

    /// <summary>Leaves a member unread that older versions wrote and none looks at.</summary>
    public void Ignore(string name) => _taken.Add(name);

    /// <summary>Refuses the object if it has a member that was not taken.</summary>
    public void Done()
    {
        foreach (string name in _members.Keys)
        {
            if (!_taken.Contains(name))
            {
                throw Broken($"has the member {name}, which this version does not know");
            }
        }
    }

    /// <summary>Gives the value, after refusing members that were not taken.</summary>
    public T Done<T>(T value)
    {
        Done();
        return value;
    }

    /// <summary>What to throw where the object is at fault.</summary>
    public AthanorException Broken(string fault) => Broken(_file, $"{Place} {fault}");

    /// <summary>What to throw where a member is not what it should be.</summary>
    public AthanorException Wrong(string name, string wanted) =>
        Broken(_file, $"{Place}.{name} is {(_members.TryGetValue(name, out JsonElement value) ? Name(value) : "missing")}, not {wanted}");

    public static AthanorException Broken(string file, string fault, Exception? inner = null) =>
        new($"{file}: {fault.ReplaceLineEndings(" ")}", "copy or download the file again, or use one that Hugging Face tokenizers opens", inner);

    private bool HasTaken(string name)
    {
        _taken.Add(name);
        return Has(name);
    }

    private string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw Broken(_file, $"{Place} holds half a surrogate pair", exception);
        }
    }

    private static string Name(JsonElement element)
    {
        string text = element.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "…";
    }
}
