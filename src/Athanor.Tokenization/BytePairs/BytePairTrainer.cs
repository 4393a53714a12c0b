using System.Runtime.InteropServices;
using System.Text;
using Athanor.Core.Errors;

namespace Athanor.Tokenization.BytePairs;

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

        WordCounts counts = WordCounts.Of(texts, threads > 0 ? threads : Environment.ProcessorCount, cancellation);
        Training training = new(specialTokens, counts.Counts);
        if (wholeNumbers is int largest)
        {
            training.ForceWholeNumbers(largest);
        }

        training.Run(vocabularySize, progress, cancellation);
        return new Tokenizer(training.Tokens, specialTokens, training.Merges);
    }

    /// <summary>The state of one training. Words are runs of one array that shrink in place.</summary>
    private sealed class Training
    {
        private readonly List<string> _tokens = [];
        private readonly Dictionary<string, int> _ids = [];
        private readonly List<Merge> _merges = [];
        private readonly int[] _symbols;
        private readonly int[] _starts;
        private readonly int[] _lengths;
        private readonly long[] _counts;
        private readonly Dictionary<ulong, long> _pairCounts = [];
        private readonly Dictionary<ulong, List<int>> _touched = [];
        private readonly PriorityQueue<Candidate, Candidate> _queue = new(Comparer<Candidate>.Create(Candidate.Compare));

        public Training(IReadOnlyList<string> specialTokens, IReadOnlyDictionary<string, long> words)
        {
            foreach (string token in specialTokens)
            {
                AddToken(token);
            }

            int[] byteIds = new int[256];
            foreach (byte value in ByteAlphabet.InCharacterOrder)
            {
                byteIds[value] = AddToken(ByteAlphabet.CharacterOf(value).ToString());
            }

            _starts = new int[words.Count];
            _lengths = new int[words.Count];
            _counts = new long[words.Count];
            List<int> symbols = [];
            byte[] bytes = [];
            int index = 0;
            foreach ((string word, long count) in words)
            {
                bytes = bytes.Length < 3 * word.Length ? new byte[3 * word.Length] : bytes;
                int length = Encoding.UTF8.GetBytes(word, bytes);
                _starts[index] = symbols.Count;
                _lengths[index] = length;
                _counts[index++] = count;
                foreach (byte value in bytes.AsSpan(0, length))
                {
                    symbols.Add(byteIds[value]);
                }
            }

            _symbols = [.. symbols];
            for (int word = 0; word < _starts.Length; word++)
            {
                Span<int> run = _symbols.AsSpan(_starts[word], _lengths[word]);
                for (int at = 1; at < run.Length; at++)
                {
                    Change(MergeTable.Pair(run[at - 1], run[at]), _counts[word], word);
                }
            }
        }

        public IReadOnlyList<string> Tokens => _tokens;

        public IReadOnlyList<Merge> Merges => _merges;

        /// <summary>Makes the rules (" ", d) and then (" d", d2), as if their pairs had been the most frequent.</summary>
        public void ForceWholeNumbers(int largest)
        {
            string space = ByteAlphabet.CharacterOf((byte)' ').ToString();
            for (int number = 0; number <= largest; number++)
            {
                string digits = number.ToString();
                int left = _ids[space + digits[..^1]];
                int right = _ids[digits[^1..]];

                // Before the run every word with the pair is known; later pairs are found by looking
                ulong pair = MergeTable.Pair(left, right);
                Apply(left, right, _touched.Remove(pair, out List<int>? words) ? words : []);
                _pairCounts.Remove(pair);
            }
        }

        public void Run(int vocabularySize, Action<int>? progress, CancellationToken cancellation)
        {
            Enqueue();
            while (_tokens.Count < vocabularySize && _queue.TryDequeue(out Candidate? best, out _))
            {
                long current = _pairCounts[best.Pair];
                if (current != best.Count)
                {
                    // It shrank since it was queued
                    if (current > 0)
                    {
                        Candidate again = best with { Count = current };
                        _queue.Enqueue(again, again);
                    }

                    continue;
                }

                Apply((int)(best.Pair >> 32), (int)best.Pair, best.Words);
                Enqueue();
                if ((_merges.Count & 127) == 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress?.Invoke(_tokens.Count);
                }
            }
        }

        private int AddToken(string token)
        {
            _ids.Add(token, _tokens.Count);
            _tokens.Add(token);
            return _tokens.Count - 1;
        }

        private void Enqueue()
        {
            foreach ((ulong pair, List<int> words) in _touched)
            {
                long count = _pairCounts[pair];
                if (count > 0)
                {
                    Candidate candidate = new(pair, count, words);
                    _queue.Enqueue(candidate, candidate);
                }
            }

            _touched.Clear();
        }

        private void Apply(int left, int right, List<int> words)
        {
            // Two paths may lead to one token (a run of equal characters): then there are two rules and no new token
            string token = _tokens[left] + _tokens[right];
            int result = _ids.TryGetValue(token, out int known) ? known : AddToken(token);
            _merges.Add(new Merge(left, right, result));
            foreach (int word in words)
            {
                Replace(word, left, right, result);
            }
        }

        private void Replace(int word, int left, int right, int result)
        {
            Span<int> run = _symbols.AsSpan(_starts[word], _lengths[word]);
            long count = _counts[word];
            int written = 0;
            for (int at = 0; at < run.Length; at++)
            {
                if (run[at] != left || at + 1 >= run.Length || run[at + 1] != right)
                {
                    run[written++] = run[at];
                    continue;
                }

                if (written > 0)
                {
                    Change(MergeTable.Pair(run[written - 1], left), -count, word);
                    Change(MergeTable.Pair(run[written - 1], result), count, word);
                }

                at++;
                if (at + 1 < run.Length)
                {
                    Change(MergeTable.Pair(right, run[at + 1]), -count, word);
                    Change(MergeTable.Pair(result, run[at + 1]), count, word);
                }

                run[written++] = result;
            }

            _lengths[word] = written;
        }

        private void Change(ulong pair, long count, int word)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_pairCounts, pair, out _) += count;
            if (count > 0)
            {
                ref List<int>? words = ref CollectionsMarshal.GetValueRefOrAddDefault(_touched, pair, out _);
                words ??= [];
                if (words.Count == 0 || words[^1] != word)
                {
                    words.Add(word);
                }
            }
        }
    }

    /// <summary>A pair in the queue with the words it was seen in when it was queued.</summary>
    private sealed record Candidate(ulong Pair, long Count, List<int> Words)
    {
        public static int Compare(Candidate first, Candidate second) =>
            first.Count != second.Count ? second.Count.CompareTo(first.Count) : first.Pair.CompareTo(second.Pair);
    }
}
