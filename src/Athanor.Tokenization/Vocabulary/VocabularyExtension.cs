using Athanor.Core.Errors;
using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.SentencePiece;

namespace Athanor.Tokenization.Vocabulary;

/// <summary>Extends a vocabulary: by another's tokens, or by special tokens. Ids that were there keep their meaning.</summary>
public static class VocabularyExtension
{
    /// <summary>
    /// Extends a vocabulary by the tokens of another that it lacks, in their order: for SentencePiece models as Chinese-LLaMA did (Cui et al. 2023, section 2.1: the new pieces have the score 0, so that they are merged
    /// before all others), for byte-level byte pairs by their tokens and rules, behind the rules that were there. The rows of a new token come from the pieces it was written in before.
    /// </summary>
    /// <exception cref="AthanorException">The tokenizers are not of one kind, or of a kind that is not merged.</exception>
    public static VocabularyChange Merge(Tokenizer tokenizer, Tokenizer other)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(other);
        return (tokenizer.Pipeline.Model, other.Pipeline.Model) switch
        {
            (SentencePieceTokenModel model, SentencePieceTokenModel second) => Merge(tokenizer, model.Model, second.Model),
            (BytePairTokenModel model, BytePairTokenModel second) => Merge(tokenizer, model, second),
            _ => throw new AthanorException(
                $"a vocabulary of {Name(tokenizer)} cannot be extended by one of {Name(other)}",
                "take two SentencePiece models, or two tokenizers with byte pairs (tokenizer.json)"),
        };
    }

    /// <summary>Adds special tokens with the next ids; those that are there already are passed over. The rows of a new token come from the tokens of its text.</summary>
    /// <exception cref="AthanorException">No token is given that is not there, one is empty, or the tokenizer's format has no room for them.</exception>
    public static VocabularyChange AddSpecialTokens(Tokenizer tokenizer, IEnumerable<string> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        string[] added = [.. tokens.Distinct().Where(token => !tokenizer.TryGetId(token, out _))];
        if (added.Length == 0 || added.Contains(""))
        {
            throw new AthanorException("there is no special token to add: each is empty or in the vocabulary already", "name tokens that the vocabulary lacks");
        }

        TokenizerPipeline pipeline = tokenizer.Pipeline;
        List<IReadOnlyList<int>> sources = [.. VocabularyChange.Kept(tokenizer.VocabularySize), .. added.Select(token => (IReadOnlyList<int>)tokenizer.Encode(token))];
        if (pipeline.Model is SentencePieceTokenModel model)
        {
            ModelPiece[] pieces = [.. model.Model.File.Pieces, .. added.Select(token => new ModelPiece(token, 0, PieceType.Control))];
            return new VocabularyChange(With(model.Model, pieces), sources);
        }

        if (pipeline.Model.IdLimit != pipeline.Model.VocabularySize && pipeline.Added.IdLimit < pipeline.Model.IdLimit)
        {
            throw new AthanorException("the vocabulary has gaps between its ids, so that a tokenizer.json would give new tokens the ids of others", "use a tokenizer whose ids have no gaps");
        }

        AddedVocabulary extended = new([.. pipeline.Added.Tokens.Select(entry => entry.Value), .. added.Select(token => new AddedToken(token))], pipeline.Model, pipeline.Normalizer);
        Tokenizer result = new(pipeline with { Added = extended });
        return result.VocabularySize == sources.Count ? new VocabularyChange(result, sources)
            : throw new AthanorException("the added tokens would not follow the others", "convert the tokenizer to a tokenizer.json first");
    }

    private static VocabularyChange Merge(Tokenizer tokenizer, SentencePieceModel model, SentencePieceModel other)
    {
        HashSet<string> known = [.. model.File.Pieces.Select(piece => piece.Text)];
        List<ModelPiece> pieces = [.. model.File.Pieces];
        List<IReadOnlyList<int>> sources = [.. VocabularyChange.Kept(pieces.Count)];
        List<Piece> parts = [];
        foreach (ModelPiece piece in other.File.Pieces.Where(piece => piece.Type == PieceType.Normal && known.Add(piece.Text)))
        {
            parts.Clear();
            tokenizer.Pipeline.Model.Tokenize(piece.Text, parts);
            pieces.Add(new ModelPiece(piece.Bytes, 0));
            sources.Add([.. parts.Select(part => part.Id)]);
        }

        return new VocabularyChange(With(model, [.. pieces]), sources);
    }

    private static VocabularyChange Merge(Tokenizer tokenizer, BytePairTokenModel model, BytePairTokenModel other)
    {
        if (model.Options with { Dropout = null } != other.Options with { Dropout = null })
        {
            throw new AthanorException("the two tokenizers treat characters outside their vocabularies in different ways", "take two of the same kind");
        }

        if (tokenizer.VocabularySize != model.VocabularySize || model.IdLimit != model.VocabularySize)
        {
            throw new AthanorException("the vocabulary has added tokens behind it, or gaps: new tokens would take their ids", "take a tokenizer whose special tokens stand in its vocabulary");
        }

        TokenVocabulary vocabulary = new();
        for (int id = 0; id < model.IdLimit; id++)
        {
            vocabulary.Add(model.Vocabulary.BytesOf(id), id);
        }

        List<IReadOnlyList<int>> sources = [.. VocabularyChange.Kept(vocabulary.Count)];
        List<Piece> parts = [];
        foreach (int id in other.Vocabulary.Ids.Where(id => !other.Vocabulary.BytesOf(id).IsEmpty))
        {
            if (vocabulary.Add(other.Vocabulary.BytesOf(id), vocabulary.Count) == AddResult.Added)
            {
                parts.Clear();
                model.Tokenize(other.TokenOf(id)!, parts);
                sources.Add([.. parts.Select(part => part.Id)]);
            }
        }

        HashSet<(int, int)> ruled = [.. model.Merges.Select(merge => (merge.Left, merge.Right))];
        List<Merge> merges = [.. model.Merges];
        foreach (Merge merge in other.Merges)
        {
            Merge moved = new(Moved(merge.Left), Moved(merge.Right), Moved(merge.Result));
            if (ruled.Add((moved.Left, moved.Right)))
            {
                merges.Add(moved);
            }
        }

        TokenizerPipeline pipeline = tokenizer.Pipeline;
        BytePairTokenModel merged = new(vocabulary, merges, model.Options);
        return new VocabularyChange(
            new Tokenizer(pipeline with { Model = merged, Added = new AddedVocabulary([.. pipeline.Added.Tokens.Select(entry => entry.Value)], merged, pipeline.Normalizer), FastEncoder = null }), sources);

        int Moved(int id) => vocabulary.TryGetId(other.Vocabulary.BytesOf(id), out int moved) ? moved : throw new InvalidOperationException("a rule names a token that the vocabulary lacks");
    }

    internal static Tokenizer With(SentencePieceModel model, IReadOnlyList<ModelPiece> pieces)
    {
        SentencePieceFile copy = SentencePieceFile.Read(model.File.ToArray(), "the model");
        SentencePieceFile changed = new() { Pieces = pieces, Trainer = copy.Trainer, Normalizer = copy.Normalizer, Denormalizer = copy.Denormalizer };
        changed.Trainer.VocabularySize = pieces.Count;
        return new Tokenizer(SentencePiecePipeline.Of(new SentencePieceModel(changed)));
    }

    internal static string Name(Tokenizer tokenizer) => tokenizer.Pipeline.Model.GetType().Name.Replace("TokenModel", "", StringComparison.Ordinal).Replace("Model", "", StringComparison.Ordinal);
}
