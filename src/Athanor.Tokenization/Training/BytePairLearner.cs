using System.Globalization;
using Athanor.Tokenization.BytePairs;

namespace Athanor.Tokenization.Training;

/// <summary>Learns the tokens and rules of byte-pair encoding from counted words, as Hugging Face tokenizers' <c>BpeTrainer</c> does.</summary>
internal sealed class BytePairLearner
{
    private readonly BytePairTrainingOptions _options;
    private readonly List<string> _tokens = [];
    private readonly Dictionary<string, int> _ids = [];
    private readonly List<Merge> _merges = [];

    private BytePairLearner(BytePairTrainingOptions options)
    {
        _options = options;
    }

    /// <summary>Learns a vocabulary.</summary>
    /// <param name="words">The counted words.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told how many tokens there are, now and then.</param>
    /// <param name="cancellation">Stops the training.</param>
    /// <returns>The tokens by id and the rules in order; where a pair was queued twice its rule stands twice, and the later counts.</returns>
    public static (IReadOnlyList<string> Tokens, IReadOnlyList<Merge> Merges) Learn(
        WordList words, BytePairTrainingOptions options, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        BytePairLearner learner = new(options);
        foreach (string token in options.SpecialTokens)
        {
            learner.AddToken(token);
        }

        int[] byteIds = new int[256];
        Dictionary<int, int> alphabet = options.Bytes ? learner.AddBytes(byteIds) : learner.AddAlphabet(words);
        List<Merge> forced = options.WholeNumbers is int largest ? learner.ForceWholeNumbers(largest) : [];
        using SymbolArray symbols = new(words);
        if (options.Bytes)
        {
            Fill(symbols, words, byteIds, forced);
        }
        else
        {
            learner.Fill(symbols, words, alphabet);
        }

        using PairMerger merger = new(symbols, learner._tokens.Count, options.LongestToken ?? int.MaxValue, cancellation);
        learner.Run(merger, progress, cancellation);

        // More characters than tokens asked for: the first ones stay
        return learner._tokens.Count <= options.VocabularySize
            ? (learner._tokens, learner._merges)
            : (learner._tokens[..options.VocabularySize], []);
    }

    private int AddToken(string token)
    {
        if (!_ids.TryGetValue(token, out int id))
        {
            id = _tokens.Count;
            _ids.Add(token, id);
            _tokens.Add(token);
        }

        return id;
    }

    private Dictionary<int, int> AddBytes(int[] byteIds)
    {
        foreach (byte value in ByteAlphabet.InCharacterOrder)
        {
            byteIds[value] = AddToken(ByteAlphabet.CharacterOf(value).ToString());
        }

        return [];
    }

    /// <summary>Makes the rules (" ", d) and then (" d", d2), as if their pairs had been the most frequent.</summary>
    private List<Merge> ForceWholeNumbers(int largest)
    {
        string space = ByteAlphabet.CharacterOf((byte)' ').ToString();
        for (int number = 0; number <= largest; number++)
        {
            string digits = number.ToString(CultureInfo.InvariantCulture);
            string token = space + digits;
            _merges.Add(new Merge(_ids[token[..^1]], _ids[digits[^1..]], AddToken(token)));
        }

        return [.. _merges];
    }

    /// <summary>The characters of the text by code point, the rare ones left out where there is a limit.</summary>
    private Dictionary<int, int> AddAlphabet(WordList words)
    {
        Dictionary<int, long> counts = [];
        for (long word = 0; word < words.Count; word++)
        {
            foreach (int character in new CodePoints(words[word]))
            {
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, character, out _) += words.CountOf(word);
            }
        }

        foreach (string character in _options.InitialAlphabet)
        {
            counts[char.ConvertToUtf32(character, 0)] = long.MaxValue;
        }

        IEnumerable<int> kept = counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Take(_options.AlphabetLimit ?? counts.Count).Select(pair => pair.Key);
        Dictionary<int, int> alphabet = [];
        foreach (int character in kept.Order())
        {
            alphabet.Add(character, AddToken(char.ConvertFromUtf32(character)));
        }

        return alphabet;
    }

    private static void Fill(SymbolArray symbols, WordList words, int[] byteIds, List<Merge> forced)
    {
        Dictionary<ulong, int> rules = [];
        foreach (Merge merge in forced)
        {
            rules.Add(MergeTable.Pair(merge.Left, merge.Right), merge.Result);
        }

        int space = byteIds[' '];
        for (long word = 0; word < words.Count; word++)
        {
            ReadOnlySpan<byte> bytes = words[word];
            for (int at = 0; at < bytes.Length; at++)
            {
                int id = byteIds[bytes[at]];
                if (rules.Count > 0 && id == space)
                {
                    // The forced rules of a word all begin with its space
                    while (at + 1 < bytes.Length && rules.TryGetValue(MergeTable.Pair(id, byteIds[bytes[at + 1]]), out int joined))
                    {
                        id = joined;
                        at++;
                    }
                }

                symbols.Add(id);
            }

            symbols.End(words.CountOf(word));
        }
    }

    private void Fill(SymbolArray symbols, WordList words, Dictionary<int, int> alphabet)
    {
        string? prefix = _options.ContinuingPrefix;
        string? suffix = _options.WordSuffix;
        Dictionary<(int Character, bool First, bool Last), int> pieces = prefix is null && suffix is null ? [] : AddPieces(words, alphabet);
        List<int> characters = [];
        for (long word = 0; word < words.Count; word++)
        {
            characters.Clear();
            foreach (int character in new CodePoints(words[word]))
            {
                characters.Add(character);
            }

            for (int at = 0; at < characters.Count; at++)
            {
                if (alphabet.TryGetValue(characters[at], out int id))
                {
                    symbols.Add(pieces.Count == 0 ? id : pieces[(characters[at], at == 0, at == characters.Count - 1)]);
                }
            }

            symbols.End(words.CountOf(word));
        }
    }

    /// <summary>Characters with the prefix and suffix of their place in a word, numbered by code point.</summary>
    private Dictionary<(int Character, bool First, bool Last), int> AddPieces(WordList words, Dictionary<int, int> alphabet)
    {
        Dictionary<(int Character, bool First, bool Last), int> pieces = [];
        List<int> characters = [];
        for (long word = 0; word < words.Count; word++)
        {
            characters.Clear();
            foreach (int character in new CodePoints(words[word]))
            {
                characters.Add(character);
            }

            for (int at = 0; at < characters.Count; at++)
            {
                if (alphabet.ContainsKey(characters[at]))
                {
                    pieces.TryAdd((characters[at], at == 0, at == characters.Count - 1), -1);
                }
            }
        }

        foreach ((int Character, bool First, bool Last) key in pieces.Keys.Order().ToList())
        {
            string text = char.ConvertFromUtf32(key.Character);
            pieces[key] = AddToken((key.First ? "" : _options.ContinuingPrefix) + text + (key.Last ? _options.WordSuffix : ""));
        }

        return pieces;
    }

    private void Run(PairMerger merger, Action<int>? progress, CancellationToken cancellation)
    {
        while (_tokens.Count < _options.VocabularySize && merger.Next(Math.Max(1, _options.LeastFrequency)) is MergeStep step)
        {
            string right = _tokens[step.Right];
            if (_options.ContinuingPrefix is { Length: > 0 } prefix && right.StartsWith(prefix, StringComparison.Ordinal))
            {
                right = right[prefix.Length..];
            }

            // Two paths may lead to one token (a run of equal characters): then there are two rules and no new token
            int result = AddToken(_tokens[step.Left] + right);
            _merges.Add(new Merge(step.Left, step.Right, result));
            merger.Apply(step, result);
            if ((_merges.Count & 127) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Invoke(_tokens.Count);
            }
        }

        progress?.Invoke(_tokens.Count);
    }
}
