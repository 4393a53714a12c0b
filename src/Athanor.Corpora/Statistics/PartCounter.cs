using System.Numerics;
using System.Text;
using Athanor.Core.Documents;

namespace Athanor.Corpora.Statistics;

/// <summary>Counts the documents of a part as they pass to be written.</summary>
internal sealed class PartCounter(string split, string part)
{
    private const int KeptExamples = 3;
    private const int LongestExample = 1_500;

    private readonly List<long> _histogram = [];
    private readonly List<ExampleDocument> _examples = [];
    private long _documents;
    private long _bytes;
    private long _words;

    /// <summary>Counts a document.</summary>
    public void Add(Document document)
    {
        long bytes = 0;
        foreach (string text in Texts(document))
        {
            bytes += Encoding.UTF8.GetByteCount(text);
            _words += WordNgrams.Count(text);
        }

        _bytes += bytes;
        int bucket = BitOperations.Log2((ulong)Math.Max(1, bytes));
        while (_histogram.Count <= bucket)
        {
            _histogram.Add(0);
        }

        _histogram[bucket]++;

        // The 1st, 10th and 100th …: spread over the part without knowing its size
        if (_examples.Count < KeptExamples && _documents == (long)Math.Pow(10, _examples.Count))
        {
            _examples.Add(new ExampleDocument(document.Id, Excerpt(Show(document), LongestExample)));
        }

        _documents++;
    }

    /// <summary>Counts documents that pass by.</summary>
    public IEnumerable<Document> Watch(IEnumerable<Document> documents)
    {
        foreach (Document document in documents)
        {
            Add(document);
            yield return document;
        }
    }

    public PartStatistics ToStatistics() => new()
    {
        Split = split,
        Part = part,
        Documents = _documents,
        Bytes = _bytes,
        Words = _words,
        LengthHistogram = _histogram,
        Examples = _examples,
    };

    /// <summary>A document as people read it: its text, or its turns, a line each.</summary>
    public static string Show(Document document)
        => document.Messages is null ? document.Text : Show(document.Messages);

    /// <summary>Turns as people read them, a line each.</summary>
    public static string Show(IEnumerable<ChatMessage> messages) => string.Join('\n', messages.Select(message => $"{message.Role}: {message.Content}"));

    /// <summary>The beginning of a text, cut between characters, with an ellipsis where something is left out.</summary>
    public static string Excerpt(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        int end = char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;
        return text[..end] + "…";
    }

    private static IEnumerable<string> Texts(Document document) => document.Messages is null ? [document.Text] : document.Messages.Select(message => message.Content);
}
