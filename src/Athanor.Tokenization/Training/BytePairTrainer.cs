using Athanor.Core.Errors;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.Training;

/// <summary>
/// Learns byte-level byte pairs from text: the most frequent pair of neighbours becomes a token, again and again (Gage 1994; Sennrich et al. 2016). Among
/// equally frequent pairs the one with the smallest ids goes first, as in Hugging Face tokenizers, whose steps these are. The result depends on the texts alone.
/// </summary>
public static class BytePairTrainer
{
    /// <summary>The largest number that <c>wholeNumbers</c> can name: words hold at most two digits.</summary>
    public const int LargestWholeNumber = 99;

    /// <summary>Trains a tokenizer. Ids: special tokens, the 256 bytes, then a token a merge.</summary>
    /// <param name="texts">What to learn from.</param>
    /// <param name="vocabularySize">How many tokens there shall be; fewer where the texts give no further pair.</param>
    /// <param name="specialTokens">The special tokens in the order of their ids.</param>
    /// <param name="wholeNumbers">When given, the tokens " 0" to " N" are made first, whether the texts hold them or not; at most <see cref="LargestWholeNumber"/>.</param>
    /// <param name="threads">How many threads count words; 0 takes all cores. The result is the same.</param>
    /// <param name="progress">Told how many tokens there are, now and then.</param>
    /// <param name="cancellation">Stops the training.</param>
    /// <exception cref="AthanorException">The vocabulary is too small for the special tokens, the bytes and the whole numbers.</exception>
    public static Tokenizer Train(
        IEnumerable<string> texts,
        int vocabularySize,
        IReadOnlyList<string> specialTokens,
        int? wholeNumbers = null,
        int threads = 0,
        Action<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wholeNumbers ?? 0, LargestWholeNumber);
        int least = specialTokens.Count + 256 + (wholeNumbers + 1 ?? 0);
        if (vocabularySize < least)
        {
            throw new AthanorException($"a vocabulary of {vocabularySize} tokens is too small", $"set vocabulary_size to {least} or more: special tokens, 256 bytes and whole numbers take that many");
        }

        using WordList words = WordCounter.Count(texts, Split, threads > 0 ? threads : Environment.ProcessorCount, WorkingMemory.Unlimited, cancellation);
        BytePairTrainingOptions options = new() { VocabularySize = vocabularySize, SpecialTokens = specialTokens, Bytes = true, WholeNumbers = wholeNumbers };
        (IReadOnlyList<string> tokens, IReadOnlyList<Merge> merges) = BytePairLearner.Learn(words, options, progress, cancellation);
        return new Tokenizer(tokens, specialTokens, merges);
    }

    /// <summary>Counts the words of a text as the native splitter cuts it.</summary>
    internal static void Split(string text, WordTable words)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = WordSplitter.Next(text, start);
            words.Add(text.AsSpan(start, end - start));
            start = end;
        }
    }
}
