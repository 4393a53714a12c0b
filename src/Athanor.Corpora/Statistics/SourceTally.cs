namespace Athanor.Corpora.Statistics;

/// <summary>Counts what a source gave and what it could not use, as it reads.</summary>
internal sealed class SourceTally
{
    private const int KeptPlaces = 20;

    private readonly SortedDictionary<string, long> _dropped = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (long Count, List<string> Places)> _skipped = new(StringComparer.Ordinal);

    public int Files { get; private set; }

    public long Bytes { get; private set; }

    public long Records { get; set; }

    public string Digest { get; set; } = "";

    public void AddFile(long bytes)
    {
        Files++;
        Bytes += bytes;
    }

    /// <summary>A record left out by design.</summary>
    public void Drop(string reason) => _dropped[reason] = _dropped.GetValueOrDefault(reason) + 1;

    /// <summary>A record or file that could not be read.</summary>
    /// <param name="what">The kind of fault, such as <c>not valid UTF-8</c>.</param>
    /// <param name="place">Where and what: <c>file:line: fault</c>; the first few are kept.</param>
    public void Skip(string what, string place)
    {
        (long count, List<string> places) = _skipped.GetValueOrDefault(what, (0, []));
        if (places.Count < KeptPlaces)
        {
            places.Add(place);
        }

        _skipped[what] = (count + 1, places);
    }

    public SourceStatistics ToStatistics(string name) => new()
    {
        Name = name,
        Digest = Digest,
        Files = Files,
        Bytes = Bytes,
        Records = Records,
        LeftOut = new SortedDictionary<string, long>(_dropped, StringComparer.Ordinal),
        Unreadable = [.. _skipped.Select(pair => new UnreadableRecords(pair.Key, pair.Value.Count, pair.Value.Places))],
    };
}
