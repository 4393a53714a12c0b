using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Athanor.Core.Recipes;

/// <summary>What the doc comments in the code say of settings, from the XML documentation files that lie beside the assemblies.</summary>
internal static partial class DocComments
{
    private static readonly ConcurrentDictionary<Assembly, Dictionary<string, XElement>> Files = new();

    /// <summary>What a setting means; null where nothing is written, or the documentation file is missing.</summary>
    public static string? Of(PropertyInfo property)
    {
        Type type = property.DeclaringType!;
        Dictionary<string, XElement> members = MembersOf(type.Assembly);
        XElement? text = members.GetValueOrDefault($"P:{NameOf(type)}.{property.Name}")?.Element("summary")
            // a positional record says it in the type's comment
            ?? members.GetValueOrDefault($"T:{NameOf(type)}")?.Elements("param").FirstOrDefault(param => (string?)param.Attribute("name") == property.Name);
        return text is null ? null : Plain(text);
    }

    /// <summary>What a value of an enumeration means; null where nothing is written.</summary>
    public static string? Of(Enum value)
        => MembersOf(value.GetType().Assembly).GetValueOrDefault($"F:{NameOf(value.GetType())}.{value}")?.Element("summary") is XElement text ? Plain(text) : null;

    private static string NameOf(Type type) => type.FullName!.Replace('+', '.');

    private static Dictionary<string, XElement> MembersOf(Assembly assembly) => Files.GetOrAdd(assembly, static key =>
    {
        string path = Path.Combine(AppContext.BaseDirectory, $"{key.GetName().Name}.xml");
        try
        {
            return XDocument.Load(path).Descendants("member").Where(member => member.Attribute("name") is not null)
                .GroupBy(member => member.Attribute("name")!.Value).ToDictionary(group => group.Key, group => group.First());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or XmlException)
        {
            return [];
        }
    });

    private static string Plain(XElement element)
    {
        StringBuilder text = new();
        Append(element, text);
        return Spaces().Replace(text.ToString(), " ").Trim();
    }

    private static void Append(XElement element, StringBuilder text)
    {
        foreach (XNode node in element.Nodes())
        {
            switch (node)
            {
                case XText words:
                    text.Append(words.Value);
                    break;
                case XElement { IsEmpty: true } reference:
                    text.Append(Referred((string?)reference.Attribute("cref") ?? (string?)reference.Attribute("langword") ?? (string?)reference.Attribute("name") ?? ""));
                    break;
                case XElement inner:
                    Append(inner, text);
                    break;
            }
        }
    }

    // a reference to another setting reads as the recipe writes it
    private static string Referred(string reference)
    {
        string name = reference.Split('(')[0].Split('.')[^1].Split(':')[^1];
        return reference.StartsWith("P:", StringComparison.Ordinal) || reference.StartsWith("F:", StringComparison.Ordinal) ? JsonNamingPolicy.SnakeCaseLower.ConvertName(name) : name;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
