namespace Athanor.Statistics.NGrams;

/// <summary>
/// A language model of counts: interpolated modified Kneser–Ney (Kneser and Ney 1995; Chen and Goodman 1998) with the conventions of KenLM (Heafield et al.
/// 2013). p(w|h) = (a(hw) − D(a(hw)))/Σ_x a(hx) + b(h) p(w|h without its first word), down to 1/|V|. The adjusted count a is the count at the highest order and
/// for n-grams that begin a sequence, else the number of distinct words seen before the n-gram. Words are numbers; immutable and safe for use by many threads.
/// </summary>
public sealed partial class NGramModel
{
    private readonly NGramTable[] _tables;
    private readonly int[][] _counts;
    private readonly int[][] _totals;
    private readonly double[][] _backoffs;
    private readonly Discounts[] _discounts;
    private readonly long[][] _countOfCounts;
    private readonly double _uniform;

    private NGramModel(int order, int vocabularySize, int begin, NGramTable[] tables, int[][] counts)
    {
        Order = order;
        VocabularySize = vocabularySize;
        Begin = begin;
        _tables = tables;
        _counts = counts;
        _uniform = 1.0 / (begin < vocabularySize ? vocabularySize - 1 : vocabularySize);
        _discounts = new Discounts[order + 1];
        _countOfCounts = new long[order + 1][];
        _totals = new int[order][];
        _backoffs = new double[order][];
        for (int length = 1; length <= order; length++)
        {
            _countOfCounts[length] = CountCounts(counts[length]);
            _discounts[length] = Discounts.From(_countOfCounts[length]);
            SumContexts(length);
        }
    }

    /// <summary>The longest n-gram; n − 1 words of context are looked at.</summary>
    public int Order { get; }

    /// <summary>How many words there are, numbered from 0.</summary>
    public int VocabularySize { get; }

    /// <summary>The word that begins every sequence. It is only ever context: its probability is 0, and it may lie outside the vocabulary.</summary>
    public int Begin { get; }

    /// <summary>How many distinct n-grams of a length the model holds; the single word that begins sequences is not among them.</summary>
    public long CountOf(int length) => length == 1 ? _counts[1].Count(count => count > 0) : _tables[length].Count;

    /// <summary>The discounts of a length.</summary>
    public Discounts DiscountsOf(int length) => _discounts[length];

    /// <summary>t_1 to t_4 of a length: how many n-grams have the adjusted count 1 to 4.</summary>
    public IReadOnlyList<long> CountOfCountsOf(int length) => _countOfCounts[length];

    /// <summary>The probability of a word after a context, of which the last <see cref="Order"/> − 1 words count.</summary>
    public double Probability(ReadOnlySpan<int> context, int word)
    {
        Span<int> nodes = stackalloc int[Order];
        return Next(nodes, ContextNodes(context, nodes), word);
    }

    /// <summary>b(h): how much of the probability after a context is left to shorter contexts; 1 where nothing ever followed it.</summary>
    public double Backoff(ReadOnlySpan<int> context)
    {
        context = context[^Math.Min(context.Length, Order - 1)..];
        Span<int> nodes = stackalloc int[Order];
        return ContextNodes(context, nodes) > context.Length ? _backoffs[context.Length][nodes[context.Length]] : 1;
    }

    /// <summary>The probability of every word after a context; they sum to 1.</summary>
    /// <param name="context">What stands before, of which the last <see cref="Order"/> − 1 words count.</param>
    /// <param name="probabilities">Takes <see cref="VocabularySize"/> probabilities.</param>
    public void Distribution(ReadOnlySpan<int> context, Span<double> probabilities)
    {
        Span<int> nodes = stackalloc int[Order];
        int known = ContextNodes(context, nodes);
        for (int word = 0; word < VocabularySize; word++)
        {
            probabilities[word] = Next(nodes, known, word);
        }
    }

    /// <summary>Natural-log probabilities of words, each given everything before it in <paramref name="words"/>.</summary>
    /// <param name="words">The words, context first.</param>
    /// <param name="first">The first word to score; those before it are context only.</param>
    /// <param name="logProbabilities">Takes one number for each word from <paramref name="first"/> on.</param>
    public void Score(ReadOnlySpan<int> words, int first, Span<double> logProbabilities)
    {
        Span<int> nodes = stackalloc int[Order];
        int known = ContextNodes(words[..first], nodes);
        for (int at = first; at < words.Length; at++)
        {
            logProbabilities[at - first] = Math.Log(Next(nodes, known, words[at]));
            known = Follow(nodes, known, words[at]);
        }
    }

    /// <summary>The nodes of the last 0, 1, … words of a context; gives how many of them exist.</summary>
    private int ContextNodes(ReadOnlySpan<int> context, Span<int> nodes)
    {
        nodes[0] = 0;
        int known = 1;
        foreach (int word in context[^Math.Min(context.Length, Order - 1)..])
        {
            known = Follow(nodes, known, word);
        }

        return known;
    }

    // Longest first, because each node comes from the one a word shorter; where a context is unknown, so is every longer one
    private int Follow(Span<int> nodes, int known, int word)
    {
        int exist = 1;
        for (int length = Math.Min(known, Order - 1); length >= 1; length--)
        {
            nodes[length] = Node(length, nodes[length - 1], word);
            exist = Math.Max(exist, nodes[length] >= 0 ? length + 1 : 1);
        }

        return exist;
    }

    private double Next(ReadOnlySpan<int> nodes, int known, int word)
    {
        if (word == Begin)
        {
            return 0;
        }

        double probability = _uniform;
        for (int length = 1; length <= known; length++)
        {
            int context = nodes[length - 1];
            int total = _totals[length - 1][context];
            if (total == 0)
            {
                break;
            }

            int node = Node(length, context, word);
            int count = node < 0 ? 0 : _counts[length][node];
            probability = ((count - _discounts[length].Of(count)) / total) + (_backoffs[length - 1][context] * probability);
        }

        return probability;
    }

    private int Node(int length, int context, int word) =>
        length == 1 ? ((uint)word < (uint)_counts[1].Length ? word : -1) : _tables[length].Find(context, word);

    private void SumContexts(int length)
    {
        int contexts = length == 1 ? 1 : _counts[length - 1].Length;
        int[] totals = _totals[length - 1] = new int[contexts];
        double[] backoffs = _backoffs[length - 1] = new double[contexts];
        foreach ((int number, int context, _) in NGramsOf(length))
        {
            int count = _counts[length][number];
            totals[context] += count;
            backoffs[context] += _discounts[length].Of(count);
        }

        for (int context = 0; context < contexts; context++)
        {
            backoffs[context] = totals[context] == 0 ? 1 : backoffs[context] / totals[context];
        }
    }

    private IEnumerable<(int Number, int Context, int Word)> NGramsOf(int length) => length == 1
        ? Enumerable.Range(0, _counts[1].Length).Where(word => word != Begin).Select(word => (word, 0, word))
        : _tables[length].All();

    /// <summary>Every word and the one that begins sequences, each as an n-gram of one.</summary>
    internal IEnumerable<int[]> Vocabulary() => Enumerable.Range(0, Math.Max(VocabularySize, Begin + 1)).Select(word => new[] { word });

    /// <summary>The n-grams of a length, as words.</summary>
    internal IEnumerable<int[]> NGrams(int length)
    {
        List<(int Context, int Word)[]> levels = [];
        for (int shorter = 2; shorter <= length; shorter++)
        {
            (int Context, int Word)[] level = new (int, int)[_tables[shorter].Count];
            foreach ((int number, int context, int word) in _tables[shorter].All())
            {
                level[number] = (context, word);
            }

            levels.Add(level);
        }

        for (int number = 0; number < levels[^1].Length; number++)
        {
            int[] words = new int[length];
            int node = number;
            for (int at = length - 1; at >= 1; at--)
            {
                (node, words[at]) = levels[at - 1][node];
            }

            words[0] = node;
            yield return words;
        }
    }

    private static long[] CountCounts(int[] counts)
    {
        long[] result = new long[4];
        foreach (int count in counts)
        {
            if (count is >= 1 and <= 4)
            {
                result[count - 1]++;
            }
        }

        return result;
    }
}
