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
            bool isInterface = type.PlainName is ['I', >= 'A' and <= 'Z', >= 'a' and <= 'z', ..];
            text.Append("The ").AppendJoin(' ', NameWords.Of(isInterface ? type.PlainName[1..] : type.PlainName));
            text.Append(isInterface ? " interface of " : " type of ").Append(type.Namespace).Append(".\n");
        }

        if (type.Own is { } own)
        {
            text.Append(own.Summary).Append('\n');
            AppendRemarks(text, own.Remarks);
        }

        HashSet<string> said = [];
        foreach (DocumentedMember member in type.Members)
        {
            Append(text, member, said);
        }

        return new Document
        {
            Id = type.Id,
            Text = text.ToString(),
            Metadata = new JsonObject { ["namespace"] = type.Namespace, ["members"] = type.Members.Count },
        };
    }

    // Overloads repeat the same parameters and exceptions: what was said of one in this document is not said again
    private static void Append(StringBuilder text, DocumentedMember member, HashSet<string> said)
    {
        text.Append("\n## ").Append(member.Signature).Append('\n').Append(member.Summary).Append('\n');
        foreach (DocumentedPart parameter in member.Parameters)
        {
            AppendOnce($"- {parameter.Name}: {parameter.Text}");
        }

        if (member.Returns.Length > 0)
        {
            AppendOnce((member.Kind is MemberKind.Property or MemberKind.Field ? "Value: " : "Returns: ") + member.Returns);
        }

        foreach (DocumentedPart exception in member.Exceptions)
        {
            AppendOnce("Throws " + exception.Name + (exception.Text.Length > 0 ? ": " + exception.Text : "."));
        }

        AppendRemarks(text, member.Remarks);

        void AppendOnce(string line)
        {
            if (said.Add(line))
            {
                text.Append(line).Append('\n');
            }
        }
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
