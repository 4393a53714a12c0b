using Athanor.Core.Artifacts;
using Athanor.Core.Documents;
using Athanor.Core.Stages;
using Athanor.Corpora.Conversations;
using Athanor.Corpora.Documentation;
using Athanor.Corpora.Sources;
using Athanor.Corpora.Statistics;

namespace Athanor.Corpora;

/// <summary>Builds the parts and problems that come from the SDK's documentation.</summary>
internal static class DocumentationCorpus
{
    private const string Documentation = "documentation";
    private const string Conversations = "conversations";

    // One member of training types in this many is kept for closed-book questions: its document is learnt from, no conversation is about it
    private const int HeldOutMembers = 16;

    public static void Build(BuildCorpusSettings settings, StageContext context, CorpusOutput output, CancellationToken cancellation)
    {
        IReadOnlyList<DocumentedType> types = Read(settings, context, output, cancellation);
        Dictionary<string, List<(DocumentedType Type, Document Document)>> splits = Clean(settings, context, types, output, cancellation);
        foreach (string split in CorpusSplit.All)
        {
            // Each type's turn comes by chance, so that a short run sees a sample of all namespaces
            (DocumentedType Type, Document Document)[] order = [.. splits[split]];
            context.Random.Open($"corpus/documentation/{split}/order").Shuffle(order.AsSpan());
            output.Write(split, Documentation, order.Select(pair => pair.Document));
        }

        CheckLeaks(settings, splits, output);
        Dictionary<string, IReadOnlyList<AskableMember>> members = Askable(splits);
        WriteConversations(settings, context, splits, members, output);
        WriteProblems(settings, context, members, output);
    }

    private static IReadOnlyList<DocumentedType> Read(BuildCorpusSettings settings, StageContext context, CorpusOutput output, CancellationToken cancellation)
    {
        SdkDocumentationSource source = SdkDocumentationSource.Find();
        SourceTally tally = new();
        IReadOnlyList<DocumentedType> types;
        using (IProgressTask progress = context.Progress.Begin("reading the SDK's documentation", source.Files.Count, "files"))
        {
            types = source.Read(tally, progress, cancellation);
        }

        output.Sources.Add(tally.ToStatistics(source.Name));
        context.Progress.Say($"{source.Name}: {types.Count} types in {tally.Files} files, digest {tally.Digest[..12]}");
        return settings.LargestDocuments > 0 ? [.. types.OrderBy(type => CorpusSplit.Hash("sample:" + type.FullName)).Take(settings.LargestDocuments)] : types;
    }

    private static Dictionary<string, List<(DocumentedType Type, Document Document)>> Clean(
        BuildCorpusSettings settings, StageContext context, IReadOnlyList<DocumentedType> types, CorpusOutput output, CancellationToken cancellation)
    {
        Dictionary<string, List<(DocumentedType, Document)>> splits = CorpusSplit.All.ToDictionary(split => split, _ => new List<(DocumentedType, Document)>());
        using JsonLinesWriter removed = new(output.PathOf($"removed/{Documentation}.jsonl.zst"));
        DocumentCleaner cleaner = new(Documentation, settings, removed.Write);
        using IProgressTask progress = context.Progress.Begin("filtering and deduplicating", types.Count, "documents");
        long done = 0;

        // Held-out types come first: of two copies the training one is removed
        foreach (DocumentedType type in types.OrderBy(type => CorpusSplit.Of(type.Outermost) == CorpusLayout.Train))
        {
            cancellation.ThrowIfCancellationRequested();
            progress.Report(++done);
            if (TypeDocument.From(type) is { } document && cleaner.Keeps(document))
            {
                splits[CorpusSplit.Of(type.Outermost)].Add((type, document));
            }
        }

        removed.Complete();
        output.Removals.AddRange(cleaner.Removals);
        return splits;
    }

    private static void CheckLeaks(BuildCorpusSettings settings, Dictionary<string, List<(DocumentedType Type, Document Document)>> splits, CorpusOutput output)
    {
        foreach (string split in CorpusSplit.HeldOut)
        {
            LeakCheck check = new(split, Documentation, settings.LeakNgram);
            splits[split].ForEach(pair => check.AddHeldOut(pair.Document.Text));
            splits[CorpusLayout.Train].ForEach(pair => check.AddTraining(pair.Document.Text));
            output.Leaks.Add(check.ToStatistics(splits[split].Select(pair => pair.Document.Text)));
        }
    }

    // A name that stands in several splits (two types of one name) belongs to training, where a question about it would be answered
    private static Dictionary<string, IReadOnlyList<AskableMember>> Askable(Dictionary<string, List<(DocumentedType Type, Document Document)>> splits)
    {
        Dictionary<string, IReadOnlyList<AskableMember>> members = [];
        HashSet<string> taken = [];
        foreach (string split in CorpusSplit.All)
        {
            members[split] = [.. AskableMember.Of(splits[split].Select(pair => pair.Type)).Where(member => taken.Add(member.Name))];
        }

        return members;
    }

    private static bool IsHeldOut(AskableMember member) => CorpusSplit.Hash("question:" + member.Name) % HeldOutMembers == 0;

    private static void WriteConversations(
        BuildCorpusSettings settings, StageContext context, Dictionary<string, List<(DocumentedType Type, Document Document)>> splits, Dictionary<string, IReadOnlyList<AskableMember>> members, CorpusOutput output)
    {
        SmallTalk talk = SmallTalk.Load();
        foreach (string split in CorpusSplit.All)
        {
            IEnumerable<AskableMember> asked = split == CorpusLayout.Train ? members[split].Where(member => !IsHeldOut(member)) : members[split];
            int smallTalk = split == CorpusLayout.Train ? settings.SmallTalk : settings.SmallTalk / 20;
            Document[] conversations =
            [
                .. DocumentationConversations.From(splits[split].Select(pair => pair.Type), asked, talk, split, context.Random),
                .. talk.Draw(split, smallTalk, context.Random),
            ];
            context.Random.Open($"corpus/conversations/{split}/order").Shuffle(conversations.AsSpan());
            output.Write(split, Conversations, conversations);
        }
    }

    private static void WriteProblems(BuildCorpusSettings settings, StageContext context, Dictionary<string, IReadOnlyList<AskableMember>> members, CorpusOutput output)
    {
        HashSet<string> trained = [.. members[CorpusLayout.Train].Select(member => member.Summary)];
        AskableMember[] known = [.. members[CorpusLayout.Train].Where(IsHeldOut)];
        foreach (string split in CorpusSplit.HeldOut)
        {
            // The two held-out splits ask about different known members
            IEnumerable<AskableMember> mine = known.Where(member => CorpusSplit.Hash("known:" + member.Name) % 2 == (split == CorpusLayout.Test ? 0UL : 1UL));
            output.WriteProblems(split, DocumentationProblems.MultipleChoice(members[split], trained, split, settings.HeldOutProblems, context.Random));
            output.WriteProblems(
                split,
                [
                    .. DocumentationProblems.ClosedBook(mine, known: true, split, settings.HeldOutProblems / 2, context.Random),
                    .. DocumentationProblems.ClosedBook(members[split], known: false, split, settings.HeldOutProblems / 2, context.Random),
                ]);
        }
    }
}
