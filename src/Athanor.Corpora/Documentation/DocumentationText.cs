using System.Text;
using System.Xml.Linq;

namespace Athanor.Corpora.Documentation;

/// <summary>Renders documentation comments as text a person would read: references by name, paragraphs and lists as lines, code kept as code.</summary>
internal static class DocumentationText
{
    private const int DeepestElement = 64;

    /// <summary>The text of an element: paragraphs a line each, code in fences.</summary>
    public static string Render(XElement? element)
    {
        if (element is null)
        {
            return "";
        }

        StringBuilder text = new();
        Append(element, text, 0);
        return Tidy(text);
    }

    /// <summary>The text of an element on one line.</summary>
    public static string RenderLine(XElement? element) => Render(element).Replace("\n", " ", StringComparison.Ordinal);

    private static void Append(XElement element, StringBuilder text, int depth)
    {
        if (depth > DeepestElement)
        {
            return;
        }

        foreach (XNode node in element.Nodes())
        {
            switch (node)
            {
                case XText piece:
                    AppendFolded(piece.Value, text);
                    break;
                case XElement child:
                    AppendElement(child, text, depth + 1);
                    break;
            }
        }
    }

    private static void AppendElement(XElement element, StringBuilder text, int depth)
    {
        switch (element.Name.LocalName)
        {
            case "see" or "seealso" or "xref" or "a":
                if (element.IsEmpty || string.IsNullOrWhiteSpace(element.Value))
                {
                    string name = (string?)element.Attribute("langword")
                        ?? (string?)element.Attribute("href")
                        ?? DocumentationId.ReadableReference((string?)element.Attribute("cref") ?? (string?)element.Attribute("uid") ?? "");
                    text.Append(name);
                }
                else
                {
                    Append(element, text, depth);
                }

                break;
            case "paramref" or "typeparamref":
                text.Append((string?)element.Attribute("name"));
                break;
            case "code" when element.Value.Contains('\n', StringComparison.Ordinal):
                AppendCode(element.Value, text);
                break;
            case "format":
                break;
            case "para" or "p" or "div" or "example" or "remarks" or "ul":
                text.Append('\n');
                Append(element, text, depth);
                text.Append('\n');
                break;
            case "br":
                text.Append('\n');
                break;
            case "list":
                AppendList(element, text, depth);
                break;
            case "li":
                text.Append("\n- ");
                Append(element, text, depth);
                break;
            case "sup":
                text.Append('^');
                Append(element, text, depth);
                break;
            case "script" or "devremarks" or "forInternalUseOnly":
                break;
            default:
                Append(element, text, depth);
                break;
        }
    }

    private static void AppendList(XElement list, StringBuilder text, int depth)
    {
        if (depth > DeepestElement)
        {
            return;
        }

        bool numbered = (string?)list.Attribute("type") == "number";
        int number = 1;
        foreach (XElement item in list.Elements("item"))
        {
            text.Append('\n').Append(numbered ? $"{number++}. " : "- ");
            List<string> parts = [];
            foreach (XElement part in item.Elements())
            {
                StringBuilder inner = new();
                Append(part, inner, depth + 1);
                string line = Tidy(inner).Replace("\n", " ", StringComparison.Ordinal);
                if (line.Length > 0)
                {
                    parts.Add(line);
                }
            }

            if (parts.Count == 0)
            {
                StringBuilder inner = new();
                Append(item, inner, depth + 1);
                parts.Add(Tidy(inner).Replace("\n", " ", StringComparison.Ordinal));
            }

            text.AppendJoin(": ", parts);
        }

        text.Append('\n');
    }

    private static void AppendCode(string code, StringBuilder text)
    {
        string[] lines = code.ReplaceLineEndings("\n").Split('\n');
        int indent = lines.Where(line => !string.IsNullOrWhiteSpace(line)).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty(0).Min();
        IEnumerable<string> kept = lines.Select(line => string.IsNullOrWhiteSpace(line) ? "" : line[indent..].TrimEnd());
        // Marked so that folding of white space leaves it alone; Tidy turns the mark into spaces
        text.Append("\n```\n");
        text.Append(string.Join('\n', kept).Trim('\n').Replace(' ', CodeSpace));
        text.Append("\n```\n");
    }

    private const char CodeSpace = '\uE000';

    private static void AppendFolded(string piece, StringBuilder text)
    {
        foreach (char c in piece)
        {
            char folded = char.IsWhiteSpace(c) || c == '\u200B' ? ' ' : c;
            if (folded != ' ' || (text.Length > 0 && text[^1] is not (' ' or '\n')))
            {
                text.Append(folded);
            }
        }
    }

    private static string Tidy(StringBuilder text)
    {
        StringBuilder tidy = new(text.Length);
        foreach (string line in text.ToString().Split('\n'))
        {
            string trimmed = line.Trim(' ').Replace("  ", " ", StringComparison.Ordinal);
            if (trimmed.Length == 0)
            {
                continue;
            }

            if (tidy.Length > 0)
            {
                tidy.Append('\n');
            }

            tidy.Append(trimmed);
        }

        return tidy.Replace(CodeSpace, ' ').ToString();
    }
}
