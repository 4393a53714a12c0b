namespace Athanor.Core.Documents;

/// <summary>Reads and writes files of one JSON value a line: <c>.jsonl</c>, <c>.jsonl.gz</c> and <c>.jsonl.zst</c>, told apart by name.</summary>
public static class JsonLines
{
    /// <summary>Streams the values of a file.</summary>
    /// <exception cref="Errors.AthanorException">The file is missing, truncated or mis-encoded, or a line is not a <typeparamref name="T"/> (the message names the line).</exception>
    public static IEnumerable<T> Read<T>(string path) => throw new NotImplementedException();

    /// <summary>Writes a file whole or not at all; the bytes depend on the values alone.</summary>
    /// <returns>How many values were written.</returns>
    public static long Write<T>(string path, IEnumerable<T> values, CancellationToken cancellation = default) => throw new NotImplementedException();
}
