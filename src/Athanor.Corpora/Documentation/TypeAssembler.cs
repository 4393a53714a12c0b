using System.Text;
using Athanor.Corpora.Statistics;

namespace Athanor.Corpora.Documentation;

/// <summary>Puts the entries of many files together to types with members.</summary>
internal static class TypeAssembler
{
    /// <summary>Assembles types in the order in which they first appear.</summary>
    /// <param name="entries">Entries of all files; a repeated ID (reference packs overlap) and a repeated (name, summary) are left out and counted.</param>
    /// <param name="tally">Counts what was left out.</param>
    public static IReadOnlyList<DocumentedType> Assemble(IEnumerable<DocumentationEntry> entries, SourceTally tally)
    {
        HashSet<string> ids = [];
        HashSet<(string, string)> said = [];
        Dictionary<string, Building> types = [];
        List<Building> order = [];
        foreach (DocumentationEntry entry in entries)
        {
            tally.Records++;
            if (!ids.Add(entry.Id))
            {
                tally.Drop("the same member in another file");
                continue;
            }

            DocumentationId id = DocumentationId.Parse(entry.Id);
            if (id.Kind is not ('T' or 'M' or 'P' or 'F' or 'E') || id.Container.Length == 0)
            {
                tally.Drop("not a type or member");
                continue;
            }

            if (IsInternal(id.Container))
            {
                tally.Drop("generated code and resource strings, which are no API");
                continue;
            }

            if (!types.TryGetValue(id.Container, out Building? type))
            {
                type = new Building(id.Container);
                types.Add(id.Container, type);
                order.Add(type);
            }

            if (id.Kind == 'T')
            {
                // Needed even where its summary is not: members are written with its type parameters
                type.TypeParameters = entry.TypeParameters;
                type.Own = entry;
            }
            else if (said.Add((id.Name == "#ctor" ? type.Name : id.Name, entry.Summary)))
            {
                type.Members.Add((id, entry));
            }
            else
            {
                tally.Drop("the same name and summary as another member");
            }
        }

        return [.. order.Select(type => type.Build(types))];
    }

    // Some assemblies document what their users never see: message tables, generated regular expressions and log structures, imported Windows calls
    private static bool IsInternal(string type)
    {
        string name = type[(type.LastIndexOf('.') + 1)..];
        return name is "SR" or "Resources" or "Strings"
            || type.StartsWith("Windows.", StringComparison.Ordinal)
            || type.Contains(".Generated.", StringComparison.Ordinal)
            || type.Contains("__", StringComparison.Ordinal)
            || type.Contains('<', StringComparison.Ordinal);
    }

    private sealed class Building(string container)
    {
        private readonly string _container = container;

        public string Name { get; } = DocumentationId.WithoutArity(container[(container.LastIndexOf('.') + 1)..]);

        public IReadOnlyList<string> TypeParameters { get; set; } = [];

        public DocumentationEntry? Own { get; set; }

        public List<(DocumentationId Id, DocumentationEntry Entry)> Members { get; } = [];

        public DocumentedType Build(Dictionary<string, Building> types)
        {
            // A container that is itself a documented type makes this a nested type, and what stands before it the namespace
            string outermost = _container;
            for (int dot = outermost.LastIndexOf('.'); dot > 0; dot = outermost.LastIndexOf('.'))
            {
                if (!types.ContainsKey(outermost[..dot]))
                {
                    break;
                }

                outermost = outermost[..dot];
            }

            int last = outermost.LastIndexOf('.');
            string ns = last > 0 ? outermost[..last] : "";
            string name = TypeParameters.Count == 0 ? Name : $"{Name}<{string.Join(", ", TypeParameters)}>";
            DocumentedMember? own = Own is null ? null : Member(MemberKind.Type, Name, name, Own, Own.Parameters);
            return new DocumentedType(DocumentationId.WithoutArity(_container), name, ns, own, [.. Members.Select(member => Member(member.Id, member.Entry))])
            {
                Id = _container,
                Outermost = DocumentationId.WithoutArity(outermost),
            };
        }

        private DocumentedMember Member(DocumentationId id, DocumentationEntry entry)
        {
            MemberKind kind = id.Kind switch
            {
                'M' => id.Name == "#ctor" ? MemberKind.Constructor : MemberKind.Method,
                'P' => MemberKind.Property,
                'F' => MemberKind.Field,
                _ => MemberKind.Event,
            };
            string readable = id.ReadableName;
            IReadOnlyList<string> types = id.ReadableArguments(TypeParameters, entry.TypeParameters);
            string arguments = Arguments(types, entry.Parameters);
            string signature = kind switch
            {
                MemberKind.Constructor => $"new {Name}({arguments})",
                MemberKind.Method when readable.EndsWith("plicit operator", StringComparison.Ordinal)
                    => $"{Name} {readable} {DocumentationId.ReadableType(id.Result, TypeParameters, entry.TypeParameters)}({arguments})",
                MemberKind.Method when readable.StartsWith("operator ", StringComparison.Ordinal) => $"{Name} {readable}({arguments})",
                MemberKind.Method when entry.TypeParameters.Count > 0 => $"{Name}.{readable}<{string.Join(", ", entry.TypeParameters)}>({arguments})",
                MemberKind.Method => $"{Name}.{readable}({arguments})",
                MemberKind.Property when readable == "this" => $"{Name}[{arguments}]",
                _ => $"{Name}.{readable}",
            };
            return Member(kind, readable, signature, entry, entry.Parameters);
        }

        private static DocumentedMember Member(MemberKind kind, string name, string signature, DocumentationEntry entry, IReadOnlyList<DocumentedPart> parameters) => new()
        {
            Kind = kind,
            Name = kind == MemberKind.Constructor ? "new" : name,
            Signature = signature,
            Summary = entry.Summary,
            Parameters = [.. parameters.Where(part => part.Text.Length > 0 && part.Name.Length > 0)],
            Returns = entry.Returns,
            Exceptions = [.. entry.Exceptions.Where(part => part.Name.Length > 0)],
            Remarks = entry.Remarks,
        };

        private static string Arguments(IReadOnlyList<string> types, IReadOnlyList<DocumentedPart> parameters)
        {
            StringBuilder text = new();
            for (int index = 0; index < types.Count; index++)
            {
                string type = types[index];
                DocumentedPart? parameter = types.Count == parameters.Count ? parameters[index] : null;
                text.Append(index > 0 ? ", " : "");
                if (type.EndsWith('@'))
                {
                    // An ID does not tell out from ref; the parameter's description does
                    bool isOut = parameter?.Text.StartsWith("When this method returns", StringComparison.OrdinalIgnoreCase) == true;
                    text.Append(isOut ? "out " : "ref ");
                    type = type[..^1];
                }

                text.Append(type);
                if (parameter is { Name.Length: > 0 })
                {
                    text.Append(' ').Append(parameter.Name);
                }
            }

            return text.ToString();
        }
    }
}
