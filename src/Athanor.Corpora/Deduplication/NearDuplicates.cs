using System.Numerics;
using Athanor.Corpora.Statistics;

namespace Athanor.Corpora.Deduplication;

/// <summary>
/// Finds texts that share most of their word n-grams: MinHash (Broder 1997) with locality-sensitive hashing in bands, as the field cleans web text with it
/// (Lee et al. 2022, "Deduplicating training data makes language models better"). The lowest byte of each minimum is kept to estimate the share
/// (b-bit minwise hashing, Li and König 2010), so a document takes about 400 bytes.
/// </summary>
internal sealed class NearDuplicates
{
    private const int Bands = 16;
    private const int RowsPerBand = 8;
    private const int Hashes = Bands * RowsPerBand;

    private readonly int _ngram;
    private readonly double _threshold;
    private readonly uint[] _multipliers = new uint[Hashes];
    private readonly uint[] _offsets = new uint[Hashes];
    private readonly Dictionary<ulong, int>[] _bands = new Dictionary<ulong, int>[Bands];
    private readonly List<byte[]> _signatures = [];
    private readonly List<string> _ids = [];
    private readonly uint[] _minima = new uint[Hashes];

    /// <summary>Begins with nothing seen.</summary>
    /// <param name="ngram">Words in an n-gram.</param>
    /// <param name="threshold">The share of common n-grams (Jaccard) from which texts count as the same.</param>
    public NearDuplicates(int ngram, double threshold)
    {
        _ngram = ngram;
        _threshold = threshold;
        ulong state = 0x9E3779B97F4A7C15;
        for (int i = 0; i < Hashes; i++)
        {
            // SplitMix64: fixed constants, no run's chance
            _multipliers[i] = (uint)Mix(state += 0x9E3779B97F4A7C15) | 1;
            _offsets[i] = (uint)Mix(state += 0x9E3779B97F4A7C15);
        }

        for (int band = 0; band < Bands; band++)
        {
            _bands[band] = [];
        }
    }

    /// <summary>Remembers a text; returns a similar one seen before with the estimated share of n-grams, or null (then it is remembered).</summary>
    public (string Id, double Similarity)? Find(string id, string text)
    {
        Array.Fill(_minima, uint.MaxValue);
        int ngrams = 0;
        foreach (ulong hash in WordNgrams.Hashes(text, _ngram))
        {
            Lower((uint)(hash ^ (hash >> 32)));
            ngrams++;
        }

        if (ngrams == 0)
        {
            return null;
        }

        byte[] signature = new byte[Hashes];
        for (int i = 0; i < Hashes; i++)
        {
            signature[i] = (byte)_minima[i];
        }

        Span<ulong> keys = stackalloc ulong[Bands];
        (int Index, double Similarity) best = (-1, 0);
        for (int band = 0; band < Bands; band++)
        {
            ulong key = (ulong)band;
            for (int row = 0; row < RowsPerBand; row++)
            {
                key = Mix(key ^ _minima[(band * RowsPerBand) + row]);
            }

            keys[band] = key;
            if (_bands[band].TryGetValue(key, out int candidate))
            {
                double similarity = Similarity(signature, _signatures[candidate]);
                if (similarity > best.Similarity)
                {
                    best = (candidate, similarity);
                }
            }
        }

        if (best.Index >= 0 && best.Similarity >= _threshold)
        {
            return (_ids[best.Index], best.Similarity);
        }

        int index = _ids.Count;
        _ids.Add(id);
        _signatures.Add(signature);
        for (int band = 0; band < Bands; band++)
        {
            _bands[band].TryAdd(keys[band], index);
        }

        return null;
    }

    private void Lower(uint hash)
    {
        Vector<uint> value = new(hash);
        for (int i = 0; i < Hashes; i += Vector<uint>.Count)
        {
            Vector<uint> mixed = (value * new Vector<uint>(_multipliers, i)) + new Vector<uint>(_offsets, i);
            mixed ^= mixed >>> 15;
            mixed *= new Vector<uint>(0x2C1B3C6Du);
            mixed ^= mixed >>> 13;
            Vector.Min(mixed, new Vector<uint>(_minima, i)).CopyTo(_minima, i);
        }
    }

    // Two different minima agree in their lowest byte once in 256
    private static double Similarity(byte[] a, byte[] b)
    {
        int same = 0;
        for (int i = 0; i < Hashes; i++)
        {
            same += a[i] == b[i] ? 1 : 0;
        }

        return Math.Max(0, (((double)same / Hashes) - (1.0 / 256)) / (1 - (1.0 / 256)));
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
