using System.Globalization;

namespace Athanor.Tokenization.Unicode;

/// <summary>
/// The file characters.txt: what the reference knows of characters by its own versions of Unicode (expressions by 16.0, normal forms, scripts and marks by 9.0,
/// BERT's categories by 8.0). General categories of 16.0 come from .NET, whose tables are its own and do not depend on the machine.
/// </summary>
internal static class CharacterDatabase
{
    private static readonly Lazy<Dictionary<string, string>> Lines = new(ReadLines);

    /// <summary>The names of the lines.</summary>
    public static IEnumerable<string> Names => Lines.Value.Keys;

    /// <summary>The ranges of a line.</summary>
    public static CodePointSet Set(string name) => CodePointSet.OfRanges(Entries(name).Select(entry =>
    {
        int dash = entry.IndexOf('-', StringComparison.Ordinal);
        return (Number(dash < 0 ? entry : entry[..dash]), Number(dash < 0 ? entry : entry[(dash + 1)..]));
    }));

    /// <summary>The mappings of a line. <c>Composes</c> is false where the file marks a decomposition that is not undone.</summary>
    public static IEnumerable<(int Code, int[] To, bool Composes)> Mappings(string name) => Entries(name).Select(entry =>
    {
        int equals = entry.IndexOf('=', StringComparison.Ordinal);
        bool composes = !entry.EndsWith('!');
        return (Number(entry[..equals]), Array.ConvertAll(entry[(equals + 1)..(composes ? entry.Length : entry.Length - 1)].Split('+'), Number), composes);
    });

    private static string[] Entries(string name) => Lines.Value[name].Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static int Number(string hexadecimal) => int.Parse(hexadecimal, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static Dictionary<string, string> ReadLines()
    {
        using StreamReader reader = new(typeof(CharacterDatabase).Assembly.GetManifestResourceStream("characters.txt")!);
        Dictionary<string, string> lines = [];
        while (reader.ReadLine() is string line)
        {
            if (!line.StartsWith('#'))
            {
                int tab = line.IndexOf('\t', StringComparison.Ordinal);
                lines.Add(line[..tab], line[(tab + 1)..]);
            }
        }

        return lines;
    }
}
