using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using Athanor.Core.Errors;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Tiktoken;

namespace Athanor.Tokenization.Files;

/// <summary>A rank file of tiktoken: a line a token, its bytes in base64, a space, its rank, which is its id and the order in which pairs are merged into it.</summary>
internal static class TiktokenFile
{
    private const int LongestLine = 1 << 20;

    /// <summary>Whether a file that begins so is a rank file.</summary>
    public static bool IsOne(ReadOnlySpan<byte> start)
    {
        int end = start.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = (end < 0 ? start : start[..end]).TrimEnd((byte)'\r');
        int space = line.IndexOf((byte)' ');
        return space > 0 && Base64.IsValid(line[..space]) && Utf8Parser.TryParse(line[(space + 1)..], out int _, out int consumed) && consumed == line.Length - space - 1;
    }

    /// <summary>Reads the ranks of a file.</summary>
    /// <exception cref="AthanorException">The file is missing, malformed or contradictory.</exception>
    public static TiktokenRanks Open(string path)
    {
        try
        {
            return Read(File.ReadAllBytes(path), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw exception is FileNotFoundException or DirectoryNotFoundException
                ? new AthanorException($"{path} does not exist", "name a rank file (lines of base64 and rank)", exception)
                : new AthanorException($"{path} cannot be read: {exception.Message}", "check that the file may be read", exception);
        }
    }

    /// <summary>Reads ranks.</summary>
    /// <param name="file">The content of a file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="AthanorException">It is malformed or contradictory.</exception>
    public static TiktokenRanks Read(ReadOnlySpan<byte> file, string name)
    {
        List<(byte[] Token, int Rank)> ranks = [];
        int number = 0;
        while (!file.IsEmpty)
        {
            int end = file.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = (end < 0 ? file : file[..end]).TrimEnd((byte)'\r');
            file = end < 0 ? [] : file[(end + 1)..];
            number++;
            if (line.IsEmpty)
            {
                continue;
            }

            int space = line.IndexOf((byte)' ');
            byte[] token = new byte[Math.Max(0, space) / 4 * 3];
            if (space <= 0 || line.Length > LongestLine || Base64.DecodeFromUtf8(line[..space], token, out _, out int written) != OperationStatus.Done
                || !Utf8Parser.TryParse(line[(space + 1)..], out int rank, out int consumed) || consumed != line.Length - space - 1 || rank < 0)
            {
                throw Fault(name, $"line {number}: it is no \"base64 rank\"");
            }

            if (rank >= MergeTable.MostTokens)
            {
                throw Fault(name, string.Create(CultureInfo.InvariantCulture, $"line {number}: rank {rank} is above {MergeTable.MostTokens - 1}, the largest that is read"));
            }

            ranks.Add((written == token.Length ? token : token[..written], rank));
        }

        return TiktokenRanks.From(ranks, fault => Fault(name, fault));
    }

    private static AthanorException Fault(string name, string fault) => new($"{name}: {fault}", "copy or download the file again; it is damaged or of another format");
}
