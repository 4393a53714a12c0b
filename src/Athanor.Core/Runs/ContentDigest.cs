using System.Security.Cryptography;
using System.Text;
using Athanor.Core.Errors;

namespace Athanor.Core.Runs;

/// <summary>Digests of what lies on disk.</summary>
internal static class ContentDigest
{
    /// <summary>SHA-256 of a file's bytes, hexadecimal in small letters.</summary>
    public static string OfFile(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 20, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>The digest of a file or folder from outside: over name, size and SHA-256 of the file, or of all files in a folder in order of their paths.</summary>
    /// <exception cref="AthanorException">Something of it cannot be read.</exception>
    public static string OfSource(string path)
    {
        try
        {
            if (!Directory.Exists(path))
            {
                return Combine([Entry(Path.GetFileName(path), path)]);
            }

            // hidden files and unreadable folders are as much part of the content as any: what cannot be read is a fault, not a gap
            EnumerationOptions everything = new() { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false };
            return Combine(Directory.EnumerateFiles(path, "*", everything)
                .Select(file => (Name: Path.GetRelativePath(path, file).Replace('\\', '/'), File: file))
                .OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => Entry(file.Name, file.File)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", "name a file or folder that can be read", exception);
        }
    }

    /// <summary>SHA-256 of a text's UTF-8, hexadecimal in small letters.</summary>
    public static string OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Entry(string name, string file) => $"{name}\0{new FileInfo(file).Length}\0{OfFile(file)}";

    private static string Combine(IEnumerable<string> entries) => OfText(string.Join('\n', entries));
}
