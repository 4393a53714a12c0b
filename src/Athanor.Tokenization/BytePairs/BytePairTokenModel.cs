using System.Text;
using Athanor.Core.Randomness;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.BytePairs;

/// <summary>
/// Byte-pair encoding of a word over characters (Sennrich et al. 2016) with every option of Hugging Face tokenizers: the neighbours with the earliest rule are merged, the leftmost first. For byte-level
/// vocabularies the pre-tokenizer writes bytes as characters before.
/// </summary>
internal sealed class BytePairTokenModel : ISamplingModel
{
    // Where there is a short way to the ids nobody asks for it
    private readonly Lazy<MergeTable> _table;
    private readonly byte[] _prefix;
    private readonly byte[] _suffix;
    private readonly int _unknown;
    private readonly int[] _byteIds;

    public BytePairTokenModel(TokenVocabulary vocabulary, IReadOnlyList<Merge> merges, BytePairOptions options)
    {
        Vocabulary = vocabulary;
        Merges = merges;
        Options = options;
        _table = new Lazy<MergeTable>(() => new MergeTable(merges, options.OneRankAToken));
        _prefix = Encoding.UTF8.GetBytes(options.ContinuingPrefix ?? "");
        _suffix = Encoding.UTF8.GetBytes(options.EndOfWordSuffix ?? "");
        _unknown = options.UnknownToken is string unknown && vocabulary.TryGetId(unknown, out int id) ? id : -1;
        _byteIds = [.. Enumerable.Range(0, 256).Select(value => options.ByteFallback && vocabulary.TryGetId($"<0x{value:X2}>", out int byteId) ? byteId : -1)];
    }

    /// <summary>The tokens.</summary>
    public TokenVocabulary Vocabulary { get; }

    /// <summary>The rules in order.</summary>
    public IReadOnlyList<Merge> Merges { get; }

    /// <summary>How it treats what the merges do not cover.</summary>
    public BytePairOptions Options { get; }

    /// <inheritdoc/>
    public int VocabularySize => Vocabulary.Count;

    /// <inheritdoc/>
    public int IdLimit => Vocabulary.IdLimit;

    /// <inheritdoc/>
    public bool TryGetId(string token, out int id) => Vocabulary.TryGetId(token, out id);

    /// <inheritdoc/>
    public string? TokenOf(int id) => Vocabulary.TokenOf(id);

    /// <inheritdoc/>
    public void Tokenize(ReadOnlySpan<char> word, List<Piece> pieces)
    {
        if (!TakeWhole(word, pieces))
        {
            Symbols symbols = SymbolsOf(word);
            new MergeLoop(_table.Value).Merge(symbols);
            symbols.AppendTo(pieces);
        }
    }

    /// <inheritdoc/>
    public void Sample(ReadOnlySpan<char> word, double alpha, RandomStream random, List<Piece> pieces)
    {
        Symbols symbols = SymbolsOf(word);
        new MergeLoop(_table.Value).MergeSome(symbols, alpha, random);
        symbols.AppendTo(pieces);
    }

    private bool TakeWhole(ReadOnlySpan<char> word, List<Piece> pieces)
    {
        if (!Options.IgnoreMerges || !Vocabulary.TryGetId(word, out int id))
        {
            return word.IsEmpty;
        }

        pieces.Add(new Piece(id, 0, Encoding.UTF8.GetByteCount(word)));
        return true;
    }

    // The characters of a word as tokens, with how many bytes of the word each stands for
    private Symbols SymbolsOf(ReadOnlySpan<char> word)
    {
        Symbols symbols = new(word.Length);
        Span<byte> buffer = stackalloc byte[4 + 64];
        int most = _prefix.Length + _suffix.Length + 4;
        if (most > buffer.Length)
        {
            buffer = new byte[most];
        }

        int unknownBytes = 0;
        for (int at = 0; at < word.Length;)
        {
            Rune.DecodeFromUtf16(word[at..], out Rune character, out int width);
            int length = 0;
            if (at > 0)
            {
                _prefix.CopyTo(buffer);
                length = _prefix.Length;
            }

            int ownBytes = character.EncodeToUtf8(buffer[length..]);
            length += ownBytes;
            at += width;
            if (at == word.Length)
            {
                _suffix.CopyTo(buffer[length..]);
                length += _suffix.Length;
            }

            ReadOnlySpan<byte> symbol = buffer[..length];
            if (Vocabulary.TryGetId(symbol, out int id))
            {
                FlushUnknown(symbols, ref unknownBytes);
                symbols.Add(id, ownBytes);
            }
            else if (Options.ByteFallback && HasAllBytes(symbol))
            {
                // Hugging Face does not write unknown characters before these first
                foreach (byte value in symbol)
                {
                    symbols.Add(_byteIds[value], 1);
                }
            }
            else if (Options.UnknownToken is not null)
            {
                if (_unknown < 0)
                {
                    throw new EncodingException($"the character {character} is not in the vocabulary, and {Options.UnknownToken}, which stands for unknown ones, is not either");
                }

                if (!Options.FuseUnknown)
                {
                    FlushUnknown(symbols, ref unknownBytes);
                }

                unknownBytes += ownBytes;
            }
        }

        FlushUnknown(symbols, ref unknownBytes);
        return symbols;
    }

    private void FlushUnknown(Symbols symbols, ref int bytes)
    {
        if (bytes > 0)
        {
            symbols.Add(_unknown, bytes);
            bytes = 0;
        }
    }

    private bool HasAllBytes(ReadOnlySpan<byte> symbol)
    {
        foreach (byte value in symbol)
        {
            if (_byteIds[value] < 0)
            {
                return false;
            }
        }

        return true;
    }
}
