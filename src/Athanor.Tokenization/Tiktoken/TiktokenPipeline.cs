using System.Text;
using Athanor.Core.Errors;
using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Decoders;
using Athanor.Tokenization.Files;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.Splitting;

namespace Athanor.Tokenization.Tiktoken;

/// <summary>A tiktoken encoding as a pipeline like any other.</summary>
internal static class TiktokenPipeline
{
    /// <summary>Opens a rank file of a known encoding, told by the file's name or the number of its ranks.</summary>
    /// <exception cref="AthanorException">The file is missing or malformed, or of no encoding that is known.</exception>
    public static TokenizerPipeline Open(string path)
    {
        TiktokenRanks ranks = TiktokenFile.Open(path);
        return Of(ranks, TiktokenEncoding.Of(path, ranks) ?? throw new AthanorException(
            $"{path} has {ranks.Limit} ranks, which are those of no encoding that is known by its name or size",
            $"name the file after its encoding: {string.Join(", ", TiktokenEncoding.Known.Select(encoding => encoding.Name + ".tiktoken"))}"));
    }

    /// <summary>
    /// Puts the parts together: an expression that cuts words (what lies between its matches is no part of the text), their bytes merged by rank, a word that is a token taken whole.
    /// </summary>
    /// <param name="ranks">The tokens.</param>
    /// <param name="encoding">What belongs to them.</param>
    /// <param name="normalizer">Rewrites the text before all else; null: it stays as it is.</param>
    /// <exception cref="AthanorException">The expression cannot be read, or a special token has the id of another token.</exception>
    public static TokenizerPipeline Of(TiktokenRanks ranks, TiktokenEncoding encoding, INormalizer? normalizer = null)
    {
        ranks = encoding.RankCount is int count ? ranks.Below(count) : ranks;
        TokenVocabulary vocabulary = new();
        vocabulary.Reserve(ranks.Limit + encoding.SpecialTokens.Count, 0);
        for (int rank = 0; rank < ranks.Limit; rank++)
        {
            if (ranks.Tokens[rank] is byte[] token)
            {
                vocabulary.Add(Encoding.UTF8.GetBytes(ByteAlphabet.Write(token)), rank);
            }
        }

        foreach ((string token, int id) in encoding.SpecialTokens)
        {
            if (vocabulary.Add(Encoding.UTF8.GetBytes(token), id) != AddResult.Added)
            {
                throw new AthanorException($"{encoding.Name}: the special token {token} has the id {id} or the text of another token", "give it an id of its own");
            }
        }

        List<Merge> merges = ranks.Merges();
        BytePairTokenModel model = new(vocabulary, merges, new BytePairOptions(IgnoreMerges: true, OneRankAToken: true));

        // The known expressions leave nothing between their matches
        bool covers = TiktokenEncoding.Known.Any(known => known.Expression == encoding.Expression);
        return new TokenizerPipeline
        {
            Model = model,
            Added = new AddedVocabulary([.. encoding.SpecialTokens.Select(special => new AddedToken(special.Key))], model, normalizer),
            Normalizer = normalizer,
            PreTokenizer = new PreTokenizerSequence(
            [
                new SplitPreTokenizer(TextPattern.OfExpression(encoding.Expression), covers ? SplitBehavior.Isolated : SplitBehavior.Removed, Invert: !covers),
                new ByteLevelPreTokenizer(AddPrefixSpace: false, UseExpression: false),
            ]),
            Decoder = new ByteLevelDecoder(),
        };
    }
}
