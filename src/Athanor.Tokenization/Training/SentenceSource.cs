using Athanor.Tokenization.SentencePiece;

namespace Athanor.Tokenization.Training;

/// <summary>Counts the sentences or the words that a SentencePiece model learns from.</summary>
internal sealed class SentenceSource(TrainerSpec spec, NormalizerSpec normalizer, ReservedPieces reserved, TrainingResources resources)
{
    private readonly WorkingMemory _memory = resources.OpenMemory();

    /// <summary>Counts whole sentences, which tell what stands beside a word; null where they are more than a unigram model's seeds are taken from.</summary>
    public WordList? CountSentences(IEnumerable<string> lines, CancellationToken cancellation)
    {
        SentenceReader reader = new(spec, normalizer, reserved, whole: true);
        using CancellationTokenSource tooMany = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        long bytes = 0;
        WordCounter counter = new(reader.Add, resources.Threads, WorkingMemory.Unlimited);
        try
        {
            return counter.Count(lines, counted => Stop(counted, ref bytes, tooMany), tooMany.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Counts whole sentences, or words.</summary>
    public WordList CountUnits(IEnumerable<string> lines, bool whole, CancellationToken cancellation)
    {
        SentenceReader reader = new(spec, normalizer, reserved, whole);
        WordCounter counter = new(reader.Add, resources.Threads, _memory, resources.CheckpointFolder, resources.Key, resources.Clock);
        return counter.Count(lines, bytes => resources.Progress?.Invoke("counting words", bytes, bytes), cancellation);
    }

    /// <summary>The words of counted sentences.</summary>
    public WordList Split(WordList sentences)
    {
        SentenceReader reader = new(spec, normalizer, reserved, whole: false);
        using WordTable words = new();
        for (long sentence = 0; sentence < sentences.Count; sentence++)
        {
            reader.Split(sentences[sentence], sentences.CountOf(sentence), words);
        }

        return WordList.From(words, _memory);
    }

    private static void Stop(long counted, ref long bytes, CancellationTokenSource tooMany)
    {
        bytes = counted;
        if (bytes > SeedSample.MostBytes)
        {
            tooMany.Cancel();
        }
    }
}
