using System.Text.Json.Nodes;
using Athanor.Statistics.NGrams;

namespace Athanor.Conformance.Statistics;

public sealed class KneserNeyKind : IConformanceKind
{
    private const string Begin = "<s>";
    private const string End = "</s>";
    private const string Unknown = "<unk>";

    public string Kind => "kneser-ney";

    public IReadOnlyList<Precision> Precisions { get; } = [Precision.Fp64];

    public void Run(ReferenceCase reference, Precision precision, CaseResults results)
    {
        int order = reference.Parameters["order"]!.GetValue<int>();
        string[][] corpus = Sentences(reference.Parameters["corpus"]!);
        string[] vocabulary = [Unknown, End, .. corpus.SelectMany(words => words).Distinct().Order(StringComparer.Ordinal)];
        Dictionary<string, int> ids = vocabulary.Select((word, id) => (word, id)).ToDictionary(pair => pair.word, pair => pair.id);
        ids[Begin] = vocabulary.Length;
        NGramModel model = NGramModel.Train(corpus.Select(words => (ReadOnlyMemory<int>)Ids([.. words, End])), order, vocabulary.Length, ids[Begin]);

        int[] lengths = [.. Enumerable.Range(1, order)];
        results.AddValue("vocabulary", vocabulary);
        results.AddValue("ngram_counts", lengths.Select(length => length == 1 ? vocabulary.Length + 1 : model.CountOf(length)).ToArray());
        results.AddValue("count_of_counts", lengths.Select(model.CountOfCountsOf).ToArray());
        results.AddValue("discounts", lengths.Select(model.DiscountsOf).Select(discounts => new[] { discounts.One, discounts.Two, discounts.Many }).ToArray());
        results.AddValue("query_probabilities", reference.Parameters["queries"]!.AsArray()
            .Select(query => model.Probability(Ids(Words(query!["context"]!)), Id(query["word"]!.GetValue<string>()))).ToArray());
        string[][] contexts = Sentences(reference.Parameters["contexts"]!);
        results.AddValue("context_distributions", contexts.Select(context => Distribution(Ids(context))).ToArray());
        results.AddValue("backoff_weights", contexts.Select(context => model.Backoff(Ids(context))).ToArray());

        string[][] test = Sentences(reference.Parameters["test"]!);
        double[][] scores = [.. test.Select(words => Score(Ids([Begin, .. words, End])))];
        bool[][] known = [.. test.Select(words => words.Append(End).Select(ids.ContainsKey).ToArray())];
        results.AddValue("sentence_log10", scores.Select(sentence => sentence.Sum() / Math.Log(10)).ToArray());
        results.AddValue("oov", known.Sum(sentence => sentence.Count(seen => !seen)));
        double[] all = [.. scores.SelectMany(sentence => sentence)];
        double[] inVocabulary = [.. all.Zip(known.SelectMany(sentence => sentence)).Where(pair => pair.Second).Select(pair => pair.First)];
        results.AddValue("perplexity_with_oov", Math.Exp(-all.Average()));
        results.AddValue("perplexity_without_oov", Math.Exp(-inVocabulary.Average()));

        string expected = Path.Combine(reference.Folder, "expected.arpa");
        if (File.Exists(expected))
        {
            CompareArpa(model, id => id < vocabulary.Length ? vocabulary[id] : Begin, expected);
        }

        int Id(string word) => ids.GetValueOrDefault(word, ids[Unknown]);

        int[] Ids(string[] words) => [.. words.Select(Id)];

        double[] Distribution(int[] context)
        {
            double[] probabilities = new double[vocabulary.Length];
            model.Distribution(context, probabilities);
            return probabilities;
        }

        double[] Score(int[] words)
        {
            double[] logs = new double[words.Length - 1];
            model.Score(words, 1, logs);
            return logs;
        }
    }

    private static void CompareArpa(NGramModel model, Func<int, string> words, string expectedPath)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("athanor-arpa");
        try
        {
            string path = Path.Combine(folder.FullName, "model.arpa");
            ArpaFile.Write(path, model, words);
            IReadOnlyList<IReadOnlyList<ArpaEntry>> ours = ArpaFile.Read(path);
            IReadOnlyList<IReadOnlyList<ArpaEntry>> theirs = ArpaFile.Read(expectedPath);
            if (ours.Count != theirs.Count)
            {
                throw new InvalidDataException($"the ARPA file has {ours.Count} lengths instead of {theirs.Count}");
            }

            for (int length = 0; length < ours.Count; length++)
            {
                Dictionary<string, ArpaEntry> entries = ours[length].ToDictionary(entry => entry.Words);
                if (entries.Count != theirs[length].Count)
                {
                    throw new InvalidDataException($"the ARPA file has {entries.Count} {length + 1}-grams instead of {theirs[length].Count}");
                }

                foreach (ArpaEntry entry in theirs[length])
                {
                    if (!entries.TryGetValue(entry.Words, out ArpaEntry? own)
                        || (entry.Words != Begin && Math.Abs(own.LogProbability - entry.LogProbability) > 1e-6)
                        || Math.Abs((own.LogBackoff ?? 0) - (entry.LogBackoff ?? 0)) > 1e-6)
                    {
                        throw new InvalidDataException($"the ARPA file has {own} instead of {entry}");
                    }
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string[][] Sentences(JsonNode list) => [.. list.AsArray().Select(words => Words(words!))];

    private static string[] Words(JsonNode list) => [.. list.AsArray().Select(word => word!.GetValue<string>())];
}
