using System.Text;
using System.Text.Json.Nodes;
using Athanor.Core.Documents;

namespace Athanor.Corpora.Documentation;

/// <summary>Writes a type as a document to read: its name in words, what it is for, and each member with parameters, results, exceptions and remarks.</summary>
internal static class TypeDocument
{
    private const int LongestRemarks = 2_000;

    /// <summary>Writes the document; null where nothing is said of the type or of any member.</summary>
    public static Document? From(DocumentedType type)
    {
        if (type.Own is null && type.Members.Count == 0)
        {
            return null;
        }

        StringBuilder text = new();
        text.Append("# ").Append(type.Name).Append('\n');
        if (type.Namespace.Length > 0)
        {
            text.Append("The ").AppendJoin(' ', NameWords.Of(type.PlainName)).Append(" type of ").Append(type.Namespace).Append(".\n");
        }

        if (type.Own is { } own)
        {
            text.Append(own.Summary).Append('\n');
            AppendRemarks(text, own.Remarks);
        }

        foreach (DocumentedMember member in type.Members)
        {
            Append(text, member);
        }

        return new Document
        {
            Id = type.FullName + type.Name[type.PlainName.Length..],
            Text = text.ToString(),
            Metadata = new JsonObject { ["namespace"] = type.Namespace, ["members"] = type.Members.Count },
        };
    }

    private static void Append(StringBuilder text, DocumentedMember member)
    {
        text.Append("\n## ").Append(member.Signature).Append('\n').Append(member.Summary).Append('\n');
        foreach (DocumentedPart parameter in member.Parameters)
        {
            text.Append("- ").Append(parameter.Name).Append(": ").Append(parameter.Text).Append('\n');
        }

        // Of a property the summary has mostly said it
        if (member.Returns.Length > 0)
        {
            text.Append(member.Kind is MemberKind.Property or MemberKind.Field ? "Value: " : "Returns: ").Append(member.Returns).Append('\n');
        }

        foreach (DocumentedPart exception in member.Exceptions)
        {
            text.Append("Throws ").Append(exception.Name);
            text.Append(exception.Text.Length > 0 ? ": " + exception.Text : ".").Append('\n');
        }

        AppendRemarks(text, member.Remarks);
    }

    private static void AppendRemarks(StringBuilder text, string remarks)
    {
        if (remarks.Length == 0)
        {
            return;
        }

        // A page-long remark ends at a line's end
        int end = remarks.Length <= LongestRemarks ? remarks.Length : remarks.LastIndexOf('\n', LongestRemarks);
        if (end > 0)
        {
            string kept = remarks[..end];
            bool openCode = (kept.Split("```").Length & 1) == 0;
            text.Append(kept).Append(openCode ? "\n```\n" : "\n");
        }
    }
}
