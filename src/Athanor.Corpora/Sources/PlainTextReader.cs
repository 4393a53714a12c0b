using System.Text;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Corpora.Statistics;

namespace Athanor.Corpora.Sources;

/// <summary>
/// Reads plain text: UTF-8, or what a byte-order mark says (UTF-16). A long file is cut into pieces where a paragraph ends, so that one large file
/// also has something to hold out. Pieces that are mis-encoded or binary are counted and passed over.
/// </summary>
internal static class PlainTextReader
{
    private const int ShortestPiece = 4_000;
    private const int LongestPiece = 16_000;

    public static IEnumerable<Document> Read(string path, string name, SourceTally tally)
    {
        using StreamReader reader = Open(path);
        StringBuilder pending = new();
        char[] block = new char[1 << 14];
        bool carriage = false;
        long line = 1;
        int number = 0;
        bool ended = false;
        while (!ended)
        {
            int read = ReadBlock(path, reader, block);
            ended = read == 0;
            foreach (char c in block.AsSpan(0, read))
            {
                // Line ends of every system become line feeds
                if (c == '\n' && carriage)
                {
                    carriage = false;
                    continue;
                }

                carriage = c == '\r';
                pending.Append(carriage ? '\n' : c);
            }

            while (pending.Length > LongestPiece || (ended && pending.Length > 0))
            {
                int cut = ended && pending.Length <= LongestPiece ? pending.Length : Cut(pending);
                string piece = pending.ToString(0, cut);
                pending.Remove(0, cut);
                long begin = line;
                line += piece.AsSpan().Count('\n');
                string text = piece.Trim('\n', ' ', '\t');
                int broken = text.AsSpan().Count('\uFFFD');
                if (text.Length == 0)
                {
                    continue;
                }

                if (broken > 0 || text.Contains('\0', StringComparison.Ordinal))
                {
                    tally.Skip("mis-encoded", $"{path}:{begin}: {(broken > 0 ? $"{broken} characters are not valid {reader.CurrentEncoding.WebName}" : "holds zero bytes")}");
                    continue;
                }

                yield return new Document { Id = number++ == 0 ? name : $"{name}#{number}", Text = text + "\n" };
            }
        }
    }

    private static StreamReader Open(string path)
    {
        try
        {
            return new StreamReader(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), detectEncodingFromByteOrderMarks: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", "check that the file may be read", exception);
        }
    }

    private static int ReadBlock(string path, StreamReader reader, char[] block)
    {
        try
        {
            return reader.Read(block);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", "check that the file may be read", exception);
        }
    }

    // After a paragraph, else after a line, else after a word, else anywhere between characters
    private static int Cut(StringBuilder pending)
    {
        string text = pending.ToString(0, LongestPiece);
        int paragraph = text.IndexOf("\n\n", ShortestPiece, StringComparison.Ordinal);
        if (paragraph >= 0)
        {
            return paragraph + 2;
        }

        int line = text.LastIndexOf('\n');
        int word = text.LastIndexOf(' ');
        return line >= ShortestPiece ? line + 1
            : word >= ShortestPiece ? word + 1
            : char.IsHighSurrogate(text[^1]) ? text.Length - 1
            : text.Length;
    }
}
