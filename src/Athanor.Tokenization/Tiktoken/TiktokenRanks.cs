using Athanor.Core.Errors;
using Athanor.Tokenization.BytePairs;

namespace Athanor.Tokenization.Tiktoken;

/// <summary>The tokens of a tiktoken encoding by rank. A rank is an id, and the place in the order in which neighbours are merged into it.</summary>
internal sealed class TiktokenRanks
{
    private readonly byte[]?[] _tokens;
    private readonly TokenTable _table;

    private TiktokenRanks(byte[]?[] tokens, TokenTable table)
    {
        _tokens = tokens;
        _table = table;
    }

    /// <summary>The bytes of each rank; null where there is none.</summary>
    public IReadOnlyList<byte[]?> Tokens => _tokens;

    /// <summary>The largest rank and one more.</summary>
    public int Limit => _tokens.Length;

    /// <summary>Takes tokens with their ranks, which may have gaps.</summary>
    /// <param name="ranks">The tokens.</param>
    /// <param name="fault">Makes the exception for a fault.</param>
    /// <exception cref="AthanorException">A token or a rank is there twice, a token is empty, or a byte is no token.</exception>
    public static TiktokenRanks From(IReadOnlyList<(byte[] Token, int Rank)> ranks, Func<string, AthanorException> fault)
    {
        // Memory by the number of ranks and not by the largest: ranks far beyond the number of tokens are refused
        int limit = ranks.Count == 0 ? 0 : ranks.Max(entry => entry.Rank) + 1;
        if (limit > (2L * ranks.Count) + 1024)
        {
            throw fault($"it has {ranks.Count} tokens, but ranks up to {limit - 1}");
        }

        byte[]?[] tokens = new byte[limit][];
        foreach ((byte[] token, int rank) in ranks)
        {
            if (token.Length == 0 || tokens[rank] is not null)
            {
                throw fault(token.Length == 0 ? $"the token of rank {rank} is empty" : $"rank {rank} is there twice");
            }

            tokens[rank] = token;
        }

        TokenTable table = new(tokens);
        foreach ((byte[] token, int rank) in ranks)
        {
            if (table.Find(token) != rank)
            {
                throw fault($"ranks {table.Find(token)} and {rank} are the same token");
            }
        }

        TiktokenRanks result = new(tokens, table);
        for (int value = 0; value < 256; value++)
        {
            if (result.Find([(byte)value]) < 0)
            {
                throw fault($"the byte 0x{value:X2} is no token, so not every text can be written");
            }
        }

        return result;
    }

    /// <summary>The ranks below a limit.</summary>
    public TiktokenRanks Below(int limit)
    {
        byte[]?[] tokens = _tokens[..Math.Min(limit, _tokens.Length)];
        return new TiktokenRanks(tokens, new TokenTable(tokens));
    }

    /// <summary>The rank of a token, or -1.</summary>
    public int Find(ReadOnlySpan<byte> token) => _table.Find(token);

    /// <summary>
    /// The ways to put a token together from two others, by rank: as rules, where those of one token have one rank, they merge as tiktoken does, which takes any two neighbours whose
    /// bytes are a token.
    /// </summary>
    public List<Merge> Merges()
    {
        List<Merge> merges = new(2 * _tokens.Length);
        for (int rank = 0; rank < _tokens.Length; rank++)
        {
            ReadOnlySpan<byte> token = _tokens[rank];
            for (int at = 1; at < token.Length; at++)
            {
                int left = Find(token[..at]);
                int right = left < 0 ? -1 : Find(token[at..]);
                if (right >= 0)
                {
                    merges.Add(new Merge(left, right, rank));
                }
            }
        }

        return merges;
    }
}
