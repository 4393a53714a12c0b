using System.Xml;
using System.Xml.Linq;
using Athanor.Core.Errors;

namespace Athanor.Corpora.Documentation;

/// <summary>One <c>&lt;member&gt;</c> of a documentation file, its comments rendered as text.</summary>
internal sealed record DocumentationEntry
{
    public required string Id { get; init; }

    public required string Summary { get; init; }

    public required IReadOnlyList<DocumentedPart> Parameters { get; init; }

    public required IReadOnlyList<string> TypeParameters { get; init; }

    public required string Returns { get; init; }

    public required IReadOnlyList<DocumentedPart> Exceptions { get; init; }

    public required string Remarks { get; init; }
}

/// <summary>Reads the XML documentation files that compilers write and packages carry. Nothing in them is followed: no document type, no entity, no include.</summary>
internal static class XmlDocumentationReader
{
    private const long LargestFile = 256L << 20;

    /// <summary>Streams the members of a file that say something.</summary>
    /// <exception cref="AthanorException">The file is missing, larger than 256 MiB, or not well-formed XML.</exception>
    public static IEnumerable<DocumentationEntry> Read(string path)
    {
        Stream stream = Open(path);
        using (stream)
        {
            using XmlReader reader = XmlReader.Create(stream, new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                IgnoreComments = true,
                IgnoreProcessingInstructions = true,
                MaxCharactersInDocument = LargestFile,
            });
            while (Next(path, reader) is { } member)
            {
                if (ToEntry(member) is { } entry)
                {
                    yield return entry;
                }
            }
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            if (stream.Length > LargestFile)
            {
                stream.Dispose();
                throw new AthanorException($"{path} is larger than {LargestFile >> 20} MiB", "documentation files are a few megabytes; leave this one out");
            }

            return stream;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", "check that the file exists and may be read", exception);
        }
    }

    private static XElement? Next(string path, XmlReader reader)
    {
        try
        {
            while (!reader.EOF)
            {
                if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "member")
                {
                    return (XElement)XNode.ReadFrom(reader);
                }

                if (reader.Depth > 256)
                {
                    throw new XmlException("elements are nested too deeply");
                }

                reader.Read();
            }

            return null;
        }
        catch (Exception exception) when (exception is XmlException or IOException or InvalidOperationException or ArgumentException)
        {
            throw new AthanorException($"{path} is not well-formed XML documentation: {exception.Message}", "copy or download the file again, or leave it out", exception);
        }
    }

    private static DocumentationEntry? ToEntry(XElement member)
    {
        string? id = (string?)member.Attribute("name");
        if (string.IsNullOrEmpty(id) || id.Length > 4096)
        {
            return null;
        }

        string summary = Said(DocumentationText.Render(member.Element("summary")));
        if (summary.Length == 0)
        {
            return null;
        }

        return new DocumentationEntry
        {
            Id = id,
            Summary = summary,
            Parameters = Parts(member.Elements("param"), element => (string?)element.Attribute("name") ?? ""),
            TypeParameters = [.. member.Elements("typeparam").Select(element => (string?)element.Attribute("name") ?? "T")],
            Returns = Said(DocumentationText.RenderLine(member.Element("returns") ?? member.Element("value"))),
            Exceptions = Parts(member.Elements("exception"), element => DocumentationId.ReadableReference((string?)element.Attribute("cref") ?? "")),
            Remarks = Said(DocumentationText.Render(member.Element("remarks"))),
        };
    }

    private static List<DocumentedPart> Parts(IEnumerable<XElement> elements, Func<XElement, string> name)
    {
        List<DocumentedPart> parts = [];
        foreach (XElement element in elements)
        {
            parts.Add(new DocumentedPart(name(element), Said(DocumentationText.RenderLine(element))));
        }

        return parts;
    }

    // What a writer leaves where nothing is written yet
    private static string Said(string text) => text is "To be added." or "To be added" or "TBD" or "." ? "" : text;
}
