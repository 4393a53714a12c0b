using System.Text;
using Athanor.Core.Errors;
using Athanor.Tokenization.SentencePiece;

namespace Athanor.Tokenization.Training;

/// <summary>
/// Trains SentencePiece models, as <c>spm_train</c> 0.1.97 does: byte pairs, unigrams, characters and words. The settings are the file's own
/// <see cref="TrainerSpec"/> and <see cref="NormalizerSpec"/>, with the meanings and defaults they have there.
/// </summary>
internal sealed class SentencePieceTrainer
{
    private const double Step = 0.0001;

    private readonly TrainerSpec _spec;
    private readonly NormalizerSpec _normalizer;
    private readonly ReservedPieces _reserved;
    private readonly PieceRules _rules;
    private readonly TrainingResources _resources;
    private readonly Dictionary<int, long> _required = [];

    private SentencePieceTrainer(TrainerSpec spec, NormalizerSpec normalizer, TrainingResources resources)
    {
        _spec = spec;
        _normalizer = normalizer;
        _resources = resources;
        _reserved = new ReservedPieces(spec);
        _rules = new PieceRules(spec);
    }

    private bool SplitsWords => _spec.ModelType is ModelType.Words || (_spec.SplitByWhitespace && _spec.ModelType != ModelType.Characters);

    /// <summary>Trains a model.</summary>
    /// <param name="lines">Sentences, without line ends.</param>
    /// <param name="spec">How; its vocabulary size becomes that of the result where it is no hard limit.</param>
    /// <param name="normalizer">How text is rewritten before; white space must be escaped. Where it has a name but no rules, it gets the rules of that name.</param>
    /// <param name="resources">Threads, memory, checkpoint, progress.</param>
    /// <param name="cancellation">Stops; work done so far stays in the checkpoint folder.</param>
    /// <exception cref="AthanorException">The settings contradict each other or the text.</exception>
    public static SentencePieceFile Train(IEnumerable<string> lines, TrainerSpec spec, NormalizerSpec normalizer, TrainingResources resources, CancellationToken cancellation)
    {
        Check(spec, normalizer);
        normalizer.AddNamedRules();
        SentencePieceTrainer trainer = new(spec, normalizer, resources);
        return trainer.Train(lines, cancellation);
    }

    private static void Check(TrainerSpec spec, NormalizerSpec normalizer)
    {
        void Hold(bool holds, string what, string cure)
        {
            if (!holds)
            {
                throw new AthanorException(what, cure);
            }
        }

        Hold(normalizer.EscapeWhitespaces, "training needs white space written as U+2581", "leave escape_whitespaces on");
        Hold(spec.VocabularySize > 0, $"a vocabulary of {spec.VocabularySize} pieces is none", "set vocab_size (--vocabulary) above 0");
        Hold(spec.CharacterCoverage is >= 0.98f and <= 1, $"a character coverage of {spec.CharacterCoverage} is out of range", "set character_coverage between 0.98 and 1");
        Hold(spec.MaximumPieceLength is >= 1 and <= 512, $"pieces of {spec.MaximumPieceLength} characters are out of range", "set max_sentencepiece_length between 1 and 512");
        Hold(spec.SubIterations is >= 1 and <= 10, $"{spec.SubIterations} sub-iterations are out of range", "set num_sub_iterations between 1 and 10");
        Hold(spec.ShrinkingFactor is >= 0.5f and <= 0.95f, $"a shrinking factor of {spec.ShrinkingFactor} is out of range", "set shrinking_factor between 0.5 and 0.95");
        Hold(spec.MaximumSentenceLength is >= 10 and <= 1073741824, $"sentences of {spec.MaximumSentenceLength} bytes are out of range", "set max_sentence_length between 10 and 1073741824");
        Hold(!spec.UseAllVocabulary || spec.ModelType is ModelType.Words or ModelType.Characters, "only models of words or characters can take all", "leave use_all_vocab off");
    }

    private SentencePieceFile Train(IEnumerable<string> lines, CancellationToken cancellation)
    {
        SentenceSource source = new(_spec, _normalizer, _reserved, _resources);
        using WordList? sentences = _spec.ModelType == ModelType.Unigram && SplitsWords ? source.CountSentences(lines, cancellation) : null;
        using WordList counted = sentences is null ? source.CountUnits(lines, whole: !SplitsWords, cancellation) : source.Split(sentences);
        if (counted.Count == 0)
        {
            throw new AthanorException("the text has no sentence to learn from", "give more text, or allow longer sentences with max_sentence_length");
        }

        ChooseCharacters(counted);
        List<(byte[] Piece, float Score)> pieces = _spec.ModelType switch
        {
            ModelType.Characters => Characters(),
            ModelType.Words => Words(counted),
            ModelType.BytePairs => BytePairs(counted, cancellation),
            _ => Unigrams(sentences, counted, cancellation),
        };
        return Finish(pieces);
    }

    /// <summary>Keeps the most frequent characters until they cover the wanted share of the text, and those that are asked for.</summary>
    private void ChooseCharacters(WordList words)
    {
        Dictionary<int, (bool Required, long Count)> counts = [];
        foreach (Rune rune in _spec.RequiredCharacters.EnumerateRunes())
        {
            if (rune.Value != 0)
            {
                counts[rune.Value] = (true, 0);
            }
        }

        long all = 0;
        for (long word = 0; word < words.Count; word++)
        {
            long count = words.CountOf(word);
            foreach (int character in new CodePoints(words[word]))
            {
                if (character is 0 or ' ')
                {
                    continue;
                }

                ref (bool Required, long Count) entry = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, character, out _);
                entry.Count += count;
                all += count;
            }
        }

        long covered = 0;
        foreach ((int character, (bool Required, long Count) entry) in counts.OrderByDescending(pair => pair.Value.Required).ThenByDescending(pair => pair.Value.Count).ThenBy(pair => pair.Key))
        {
            if (!_spec.UseAllVocabulary && (float)((double)covered / all) >= _spec.CharacterCoverage)
            {
                break;
            }

            covered += entry.Count;
            if (character != PieceRules.Cut)
            {
                _required.Add(character, entry.Count);
            }
        }

        if (_spec.ModelType is ModelType.BytePairs or ModelType.Unigram && _required.Count + _reserved.Count > _spec.VocabularySize)
        {
            throw new AthanorException(
                $"{_required.Count} characters and {_reserved.Count} special pieces are more than the {_spec.VocabularySize} pieces asked for",
                "raise vocab_size (--vocabulary), or lower character_coverage");
        }
    }

    private IEnumerable<(int Character, long Count)> RequiredInOrder() =>
        _required.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value));

    private List<(byte[] Piece, float Score)> Characters()
    {
        float logSum = MathF.Log(_required.Values.Sum());
        int room = _spec.UseAllVocabulary ? int.MaxValue : Room();
        return [.. RequiredInOrder().Take(room).Select(entry => (Utf8(entry.Character), MathF.Log(entry.Count) - logSum))];
    }

    private List<(byte[] Piece, float Score)> Words(WordList counted)
    {
        WordTable words = new();
        long sum = 0;
        byte[] unknown = Utf8(PieceRules.Unknown);
        Dictionary<string, long> kept = [];
        for (long index = 0; index < counted.Count; index++)
        {
            sum += counted.CountOf(index);
            byte[] word = WithUnknown(counted[index]);
            if (word.AsSpan().IndexOf(unknown) < 0)
            {
                words.Add(word, counted.CountOf(index));
            }
        }

        using (words)
        {
            float logSum = MathF.Log(sum);
            int room = _spec.UseAllVocabulary ? int.MaxValue : Room();
            return [.. words.InOrder().OrderByDescending(words.CountOf).Take(room).Select(index => (words[index].ToArray(), MathF.Log(words.CountOf(index)) - logSum))];
        }
    }

    private int Room() => _spec.VocabularySize >= _reserved.Count
        ? _spec.VocabularySize - _reserved.Count
        : throw new AthanorException($"{_reserved.Count} special pieces are more than the {_spec.VocabularySize} pieces asked for", "raise vocab_size (--vocabulary)");

    private List<(byte[] Piece, float Score)> BytePairs(WordList counted, CancellationToken cancellation)
    {
        int size = _spec.VocabularySize - _reserved.Count - _required.Count;
        List<(byte[] Piece, float Score)> pieces = [];
        using SentencePiecePairs pairs = new(counted, _required, _rules);
        foreach (byte[] piece in pairs.Learn(size, _resources.Progress, cancellation))
        {
            pieces.Add((piece, -(float)pieces.Count));
        }

        foreach ((int character, _) in RequiredInOrder())
        {
            pieces.Add((Utf8(character), -(float)pieces.Count));
        }

        return pieces;
    }

    private List<(byte[] Piece, float Score)> Unigrams(WordList? sentences, WordList counted, CancellationToken cancellation)
    {
        SentencePieceSeeds seeds = new(_rules, _required, _spec.SeedPieceSize, _resources.Threads);
        using WordList words = ReplaceUnknown(counted);
        UnigramRules rules = new((int)(_spec.VocabularySize * 1.1), _spec.SubIterations, _spec.ShrinkingFactor, SentencePiece: true);
        PieceList pieces = UnigramLearner.Learn(words, () => seeds.Find(sentences ?? counted, isSentences: sentences is not null || !SplitsWords, cancellation), rules, _resources, cancellation);

        Dictionary<string, double> scores = [];
        for (int piece = 0; piece < pieces.Count; piece++)
        {
            scores.Add(pieces.TextOf(piece), pieces.Scores[piece]);
        }

        double lowest = UnigramLearner.LowestScore(pieces, 0);
        Dictionary<string, double> final = [];
        int added = 0;
        foreach ((int character, _) in RequiredInOrder())
        {
            string text = char.ConvertFromUtf32(character);
            final[text] = scores.TryGetValue(text, out double score) ? score : lowest + (Step * added++);
        }

        int room = Room();
        foreach ((string text, double score) in InOrder(scores))
        {
            if (final.Count >= room)
            {
                break;
            }

            final.TryAdd(text, score);
        }

        return [.. InOrder(final).Select(pair => (Encoding.UTF8.GetBytes(pair.Key), (float)pair.Value))];
    }

    private static IEnumerable<KeyValuePair<string, double>> InOrder(Dictionary<string, double> scores) =>
        scores.OrderByDescending(pair => (float)pair.Value).ThenBy(pair => Encoding.UTF8.GetBytes(pair.Key), Comparer<byte[]>.Create((first, second) => first.AsSpan().SequenceCompareTo(second)));

    private WordList ReplaceUnknown(WordList counted)
    {
        using WordTable table = new();
        for (long word = 0; word < counted.Count; word++)
        {
            table.Add(WithUnknown(counted[word]), counted.CountOf(word));
        }

        return WordList.From(table, counted.Memory);
    }

    /// <summary>A word in which characters that are not kept are replaced by the sign for unknown ones.</summary>
    private byte[] WithUnknown(ReadOnlySpan<byte> word)
    {
        byte[] result = new byte[3 * word.Length];
        int length = 0;
        foreach (int character in new CodePoints(word))
        {
            length += new Rune(_required.ContainsKey(character) ? character : PieceRules.Unknown).EncodeToUtf8(result.AsSpan(length));
        }

        return result[..length];
    }

    private SentencePieceFile Finish(List<(byte[] Piece, float Score)> pieces)
    {
        IReadOnlyList<ModelPiece> all = _reserved.With(pieces);
        if (_spec.UseAllVocabulary || !_spec.HardVocabularyLimit || _spec.ModelType == ModelType.Characters)
        {
            _spec.VocabularySize = all.Count;
        }
        else if (all.Count != _spec.VocabularySize)
        {
            throw new AthanorException($"the text gives only {all.Count} pieces of the {_spec.VocabularySize} asked for", $"set vocab_size (--vocabulary) to {all.Count} or less, or hard_vocab_limit to false");
        }

        return new SentencePieceFile { Pieces = all, Trainer = _spec, Normalizer = _normalizer };
    }

    private static byte[] Utf8(int character) => Encoding.UTF8.GetBytes(char.ConvertFromUtf32(character));
}
