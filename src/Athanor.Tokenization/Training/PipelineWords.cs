using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.Training;

/// <summary>Counts the words that a model of <c>tokenizer.json</c> learns from: what normalizer and pre-tokenizer make of the texts.</summary>
internal static class PipelineWords
{
    /// <summary>Counts them.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="normalizer">Rewrites each; null: it stays as it is.</param>
    /// <param name="preTokenizer">Cuts each; null: it is one word.</param>
    /// <param name="resources">Threads, memory, checkpoint, progress.</param>
    /// <param name="cancellation">Stops; what was counted stays in the checkpoint folder.</param>
    public static WordList Count(IEnumerable<string> texts, INormalizer? normalizer, IPreTokenizer? preTokenizer, TrainingResources resources, CancellationToken cancellation) =>
        Count(texts, (text, words) => Split(text, normalizer, preTokenizer, words), resources, cancellation);

    /// <summary>Counts the words that a function finds.</summary>
    public static WordList Count(IEnumerable<string> texts, Action<string, WordTable> split, TrainingResources resources, CancellationToken cancellation)
    {
        WordCounter counter = new(split, resources.Threads, resources.OpenMemory(), resources.CheckpointFolder, resources.Key, resources.Clock);
        return counter.Count(texts, bytes => resources.Progress?.Invoke("counting words", bytes, bytes), cancellation);
    }

    private static void Split(string text, INormalizer? normalizer, IPreTokenizer? preTokenizer, WordTable words)
    {
        NormalizedText normalized = NormalizedText.From(text);
        PreTokenizedText parts = new(normalizer?.Normalize(normalized) ?? normalized);
        preTokenizer?.PreTokenize(parts);
        foreach (TextPart part in parts.Parts)
        {
            words.Add(part.Text.Span);
        }
    }
}
