using System.Globalization;
using Athanor.Core.Documents;
using Athanor.Corpora.Deduplication;
using Athanor.Corpora.Filters;
using Athanor.Corpora.Statistics;

namespace Athanor.Corpora;

/// <summary>Puts documents through filters and duplicate searches one by one; what is removed is handed on with its reason.</summary>
internal sealed class DocumentCleaner
{
    private readonly IReadOnlyList<(IDocumentFilter Filter, RemovalCounter Counter)> _filters;
    private readonly RemovalCounter _exactCounter;
    private readonly RemovalCounter _nearCounter;
    private readonly ExactDuplicates _exact = new();
    private readonly NearDuplicates? _near;
    private readonly Action<Document> _removed;

    /// <summary>Begins with nothing seen.</summary>
    /// <param name="part">The part the documents belong to.</param>
    /// <param name="settings">Thresholds.</param>
    /// <param name="removed">Takes each removed document, its reason in its metadata.</param>
    public DocumentCleaner(string part, BuildCorpusSettings settings, Action<Document> removed)
    {
        _filters = [.. DocumentFilters.All(settings.Filters).Select(filter => (filter, new RemovalCounter(part, filter.Name, filter.Purpose)))];
        _exactCounter = new RemovalCounter(part, "exact_duplicates", "The same text twice is learnt by heart, and across splits it is an answer given away; case, punctuation and white space do not count.");
        _nearCounter = new RemovalCounter(part, "near_duplicates", "Texts that share most of their runs of words are copies with small changes (Lee et al. 2022).");
        _near = settings.NearDuplicateThreshold < 1 ? new NearDuplicates(settings.NearDuplicateNgram, settings.NearDuplicateThreshold) : null;
        _removed = removed;
    }

    /// <summary>What each step removed so far.</summary>
    public IReadOnlyList<RemovalStatistics> Removals
        => [.. _filters.Select(pair => pair.Counter.ToStatistics()), _exactCounter.ToStatistics(), _nearCounter.ToStatistics()];

    /// <summary>Whether the document is to be kept.</summary>
    public bool Keeps(Document document)
    {
        foreach ((IDocumentFilter filter, RemovalCounter counter) in _filters)
        {
            if (filter.ReasonToDrop(document) is { } reason)
            {
                return Remove(document, counter, reason);
            }

            counter.Keep();
        }

        if (_exact.Find(document.Id, document.Text) is { } same)
        {
            return Remove(document, _exactCounter, $"the same text as {same}");
        }

        _exactCounter.Keep();
        if (_near?.Find(document.Id, document.Text) is { } near)
        {
            return Remove(document, _nearCounter, string.Create(CultureInfo.InvariantCulture, $"shares about {near.Similarity:P0} of its runs of words with {near.Id}"));
        }

        _nearCounter.Keep();
        return true;
    }

    private bool Remove(Document document, RemovalCounter counter, string reason)
    {
        counter.Remove(document, reason);
        _removed(document with { Metadata = new() { ["removed_by"] = counter.Step, ["reason"] = reason } });
        return false;
    }
}
