using System.Text;
using Athanor.Core.Documents;

namespace Athanor.Corpora.Statistics;

/// <summary>Counts what one step removed.</summary>
internal sealed class RemovalCounter(string part, string step, string purpose)
{
    private const int KeptExamples = 5;
    private const int LongestExample = 400;

    private readonly List<RemovedExample> _examples = [];
    private long _seen;
    private long _removed;
    private long _bytes;

    public string Step => step;

    public void Keep() => _seen++;

    public void Remove(Document document, string reason)
    {
        _seen++;
        _removed++;
        _bytes += Encoding.UTF8.GetByteCount(document.Text);
        if (_examples.Count < KeptExamples)
        {
            _examples.Add(new RemovedExample(document.Id, reason, PartCounter.Excerpt(document.Text, LongestExample)));
        }
    }

    public RemovalStatistics ToStatistics() => new(part, step, purpose, _seen, _removed, _bytes, _examples);
}
