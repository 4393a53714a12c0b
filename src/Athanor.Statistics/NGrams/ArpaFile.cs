using System.Globalization;
using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Files;

namespace Athanor.Statistics.NGrams;

/// <summary>One line of an ARPA file.</summary>
/// <param name="Words">The n-gram, words with one blank between them.</param>
/// <param name="LogProbability">Base-10 logarithm of the last word's probability after the others.</param>
/// <param name="LogBackoff">Base-10 logarithm of the weight that is left to shorter contexts when the n-gram is the context; null where the file gives none.</param>
public sealed record ArpaEntry(string Words, double LogProbability, double? LogBackoff);

/// <summary>N-gram models in the ARPA text format, which SRILM, KenLM and others read.</summary>
public static class ArpaFile
{
    private const double Impossible = -99;

    /// <summary>Writes a model, whole or not at all.</summary>
    /// <param name="path">Where.</param>
    /// <param name="model">The model.</param>
    /// <param name="words">The word of a number; without white space. The word that begins sequences is asked for too.</param>
    public static void Write(string path, NGramModel model, Func<int, string> words) => AtomicFile.Write(path, stream =>
    {
        using StreamWriter writer = new(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine("\\data\\");
        for (int length = 1; length <= model.Order; length++)
        {
            writer.WriteLine($"ngram {length}={(length == 1 ? model.Vocabulary().Count() : model.CountOf(length))}");
        }

        for (int length = 1; length <= model.Order; length++)
        {
            writer.WriteLine();
            writer.WriteLine($"\\{length}-grams:");
            foreach (int[] ngram in length == 1 ? model.Vocabulary() : model.NGrams(length))
            {
                double probability = model.Probability(ngram.AsSpan(..^1), ngram[^1]);
                writer.Write(Number(probability > 0 ? Math.Log10(probability) : Impossible));
                writer.Write('\t');
                writer.Write(string.Join(' ', ngram.Select(words)));
                if (length < model.Order && model.Backoff(ngram) is double backoff && backoff != 1)
                {
                    writer.Write('\t');
                    writer.Write(Number(Math.Log10(backoff)));
                }

                writer.WriteLine();
            }
        }

        writer.WriteLine();
        writer.WriteLine("\\end\\");
    });

    /// <summary>Reads a file: for each length the n-grams in the order of the file.</summary>
    /// <exception cref="AthanorException">The file is missing or malformed; the message names the line.</exception>
    public static IReadOnlyList<IReadOnlyList<ArpaEntry>> Read(string path)
    {
        int number = 0;
        try
        {
            List<long> announced = [];
            List<List<ArpaEntry>> lengths = [];
            bool begun = false;
            foreach (string line in File.ReadLines(path))
            {
                number++;
                if (line.Length == 0)
                {
                    continue;
                }

                if (!begun)
                {
                    // Comments may stand before the data
                    begun = line == "\\data\\";
                }
                else if (line == "\\end\\")
                {
                    return Checked(path, number, announced, lengths);
                }
                else if (line.StartsWith("ngram ", StringComparison.Ordinal) && lengths.Count == 0)
                {
                    string[] parts = line[6..].Split('=');
                    Expect(parts.Length == 2 && int.TryParse(parts[0], out int length) && length == announced.Count + 1, path, number, $"\"{line}\" is out of order");
                    Expect(long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long count), path, number, $"\"{line}\" gives no number");
                    announced.Add(count);
                }
                else if (line[0] == '\\')
                {
                    Expect(line == $"\\{lengths.Count + 1}-grams:" && lengths.Count < announced.Count, path, number, $"\"{line}\" is out of order");
                    lengths.Add([]);
                }
                else
                {
                    Expect(lengths.Count > 0, path, number, "an n-gram stands before the first section");
                    lengths[^1].Add(Entry(path, number, line, lengths.Count));
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AthanorException($"{path} cannot be read: {exception.Message}", "name an n-gram model in ARPA format", exception);
        }

        throw Broken(path, number, "it ends before \\end\\");
    }

    private static List<List<ArpaEntry>> Checked(string path, int line, List<long> announced, List<List<ArpaEntry>> lengths)
    {
        Expect(lengths.Count == announced.Count && lengths.Count > 0, path, line, $"{announced.Count} lengths are announced, {lengths.Count} are there");
        for (int length = 0; length < lengths.Count; length++)
        {
            Expect(lengths[length].Count == announced[length], path, line, $"{announced[length]} {length + 1}-grams are announced, {lengths[length].Count} are there");
        }

        return lengths;
    }

    private static ArpaEntry Entry(string path, int number, string line, int length)
    {
        string[] fields = line.Split('\t');
        Expect(fields.Length is 2 or 3 && fields[1].Count(character => character == ' ') == length - 1, path, number, $"it is no {length}-gram");
        double backoff = 0;
        Expect(Parse(fields[0], out double probability) && (fields.Length == 2 || Parse(fields[2], out backoff)), path, number, "it has no number where one belongs");
        return new ArpaEntry(fields[1], probability, fields.Length == 3 ? backoff : null);
    }

    private static bool Parse(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    private static string Number(double value) => value.ToString("F9", CultureInfo.InvariantCulture);

    private static void Expect(bool condition, string path, int line, string fault)
    {
        if (!condition)
        {
            throw Broken(path, line, fault);
        }
    }

    private static AthanorException Broken(string path, int line, string fault) => new($"{path}, line {line}: {fault}", "make the file again with the tool that wrote it");
}
