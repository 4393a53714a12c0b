namespace Athanor.Corpora.Statistics;

/// <summary>
/// Looks for runs of words of held-out text in the training text (Brown et al. 2020, appendix C, with runs of 13 words). Memory follows the held-out text, of
/// which the first documents up to a limit are taken; the training text streams by.
/// </summary>
internal sealed class LeakCheck(string split, string part, int length)
{
    private const int MostNgrams = 20_000_000;
    private const int KeptExamples = 5;

    // 1: held out, 2: also seen in training
    private readonly Dictionary<ulong, byte> _ngrams = [];
    private readonly List<ulong[]> _documents = [];

    /// <summary>Takes a held-out document; documents too short for one run cannot be checked and are left out.</summary>
    public void AddHeldOut(string text)
    {
        if (_ngrams.Count > MostNgrams || WordNgrams.Count(text) < length)
        {
            return;
        }

        ulong[] hashes = [.. WordNgrams.Hashes(text, length).Distinct()];
        _documents.Add(hashes);
        foreach (ulong hash in hashes)
        {
            _ngrams.TryAdd(hash, 1);
        }
    }

    /// <summary>Takes a training document.</summary>
    public void AddTraining(string text)
    {
        foreach (ulong hash in WordNgrams.Hashes(text, length))
        {
            ref byte state = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrNullRef(_ngrams, hash);
            if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref state))
            {
                state = 2;
            }
        }
    }

    /// <summary>The shared runs so far as words, from a second look at held-out text.</summary>
    public LeakStatistics ToStatistics(IEnumerable<string> heldOutTexts)
    {
        List<string> examples = [];
        HashSet<ulong> shown = [];
        foreach (string text in heldOutTexts)
        {
            if (examples.Count == KeptExamples)
            {
                break;
            }

            string[] words = text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
            for (int begin = 0; begin + length <= words.Length; begin++)
            {
                string run = string.Join(' ', words, begin, length);
                if (WordNgrams.Count(run) == length && _ngrams.GetValueOrDefault(WordNgrams.Hashes(run, length).First()) == 2 && shown.Add(WordNgrams.Hashes(run, length).First()))
                {
                    examples.Add(run);
                    break;
                }
            }
        }

        return new LeakStatistics(
            split,
            part,
            length,
            _ngrams.Count,
            _ngrams.Values.Count(state => state == 2),
            _documents.Count,
            _documents.Count(hashes => hashes.Count(hash => _ngrams[hash] == 2) * 2 >= hashes.Length),
            examples);
    }
}
