using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Core.Stages;
using Athanor.Corpora.Sources;
using Athanor.Corpora.Statistics;

namespace Athanor.Corpora;

/// <summary>Builds the part <c>text</c> from files of the user's, in memory that does not follow their size but for the duplicate search (about 0.4 kB a document).</summary>
internal static class UserTextCorpus
{
    private const string Part = "text";
    private const double GoldenRatio = 0.6180339887498949;

    public static void Build(BuildCorpusSettings settings, StageContext context, CorpusOutput output, CancellationToken cancellation)
    {
        UserTextSource source = new(settings.Path!, settings.TextField);
        SourceTally tally = new();
        long kept = Stream(settings, context, output, source, tally, cancellation);
        output.Sources.Add(tally.ToStatistics(settings.Path!));
        if (kept < 3)
        {
            string removed = string.Join(", ", output.Removals.Where(step => step.Removed > 0).Select(step => $"{step.Step} {step.Removed}"));
            throw new AthanorException(
                $"{settings.Path} gives {kept} documents of {tally.Records}, too few to learn from and to hold out{(removed.Length > 0 ? "; removed: " + removed : "")}",
                "give more text, or loosen what removed it (fewest_words, least_letter_share, most_repeated_lines, near_duplicate_threshold of corpus.build)");
        }

        foreach (UnreadableRecords unreadable in output.Sources[^1].Unreadable)
        {
            context.Progress.Warn($"{unreadable.Count} records left out, {unreadable.Fault}; the first: {unreadable.Places[0]}");
        }

        CheckLeaks(settings, output);
        output.Notes.Add("Questions on the .NET documentation (multiple choice, closed book) are left out: this corpus is a text of your own.");
    }

    /// <summary>
    /// The split of the n-th kept document: the first three go one to each split, the rest by a low-discrepancy sequence, so that small corpora have the
    /// shares of large ones.
    /// </summary>
    internal static string SplitOf(long ordinal) => ordinal switch
    {
        0 => CorpusLayout.Train,
        1 => CorpusLayout.Validation,
        2 => CorpusLayout.Test,
        _ => ((ordinal * GoldenRatio) % 1) switch
        {
            < 0.88 => CorpusLayout.Train,
            < 0.94 => CorpusLayout.Validation,
            _ => CorpusLayout.Test,
        },
    };

    private static long Stream(BuildCorpusSettings settings, StageContext context, CorpusOutput output, UserTextSource source, SourceTally tally, CancellationToken cancellation)
    {
        Dictionary<string, PartCounter> counters = CorpusSplit.All.ToDictionary(split => split, split => new PartCounter(split, Part));
        using JsonLinesWriter train = new(output.PathOf(CorpusLayout.Documents(CorpusLayout.Train, Part)));
        using JsonLinesWriter validation = new(output.PathOf(CorpusLayout.Documents(CorpusLayout.Validation, Part)));
        using JsonLinesWriter test = new(output.PathOf(CorpusLayout.Documents(CorpusLayout.Test, Part)));
        using JsonLinesWriter removed = new(output.PathOf($"removed/{Part}.jsonl.zst"));
        DocumentCleaner cleaner = new(Part, settings, removed.Write);
        long total = source.Files.Sum(file => new FileInfo(file).Length);
        using IProgressTask progress = context.Progress.Begin("reading, filtering and deduplicating", total, "bytes");
        long kept = 0;
        long seen = 0;
        foreach (Document document in source.Read(tally, done => progress.Report(done), cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            if (settings.LargestDocuments > 0 && ++seen > settings.LargestDocuments)
            {
                output.Notes.Add($"Only the first {settings.LargestDocuments} documents were read (largest_documents).");
                break;
            }

            if (cleaner.Keeps(document))
            {
                string split = SplitOf(kept++);
                counters[split].Add(document);
                (split == CorpusLayout.Train ? train : split == CorpusLayout.Validation ? validation : test).Write(document);
            }
        }

        train.Complete();
        validation.Complete();
        test.Complete();
        removed.Complete();
        output.Parts.AddRange(CorpusSplit.All.Select(split => counters[split].ToStatistics()));
        output.Removals.AddRange(cleaner.Removals);
        return kept;
    }

    private static void CheckLeaks(BuildCorpusSettings settings, CorpusOutput output)
    {
        IEnumerable<string> Texts(string split) => JsonLines.Read<Document>(output.PathOf(CorpusLayout.Documents(split, Part))).Select(document => document.Text);
        foreach (string split in CorpusSplit.HeldOut)
        {
            LeakCheck check = new(split, Part, settings.LeakNgram);
            foreach (string text in Texts(split))
            {
                check.AddHeldOut(text);
            }

            foreach (string text in Texts(CorpusLayout.Train))
            {
                check.AddTraining(text);
            }

            output.Leaks.Add(check.ToStatistics(Texts(split)));
        }
    }
}
