using Athanor.Core.Errors;
using Athanor.Tokenization.AddedTokens;
using Athanor.Tokenization.BytePairs;
using Athanor.Tokenization.Pipeline;
using Athanor.Tokenization.SentencePiece;

namespace Athanor.Tokenization.Vocabulary;

/// <summary>
/// Trims a vocabulary to the tokens that a corpus needs: those that its encoding uses, those they are merged from, special tokens, and what every text may need (bytes, single characters). The corpus keeps
/// its segmentation, under new ids; other texts are written in what is left.
/// </summary>
public static class VocabularyTrimming
{
    /// <summary>Trims a vocabulary.</summary>
    /// <param name="tokenizer">Byte pairs of a <c>tokenizer.json</c>, or a SentencePiece model of unigrams or byte pairs.</param>
    /// <param name="corpus">The texts.</param>
    /// <param name="leastUses">How often a token must be used to be kept for its own sake.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="AthanorException">The tokenizer is of another kind.</exception>
    public static VocabularyChange Trim(Tokenizer tokenizer, IEnumerable<string> corpus, long leastUses = 1, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        long[] uses = new long[tokenizer.VocabularySize];
        List<int> ids = [];
        foreach (string text in corpus)
        {
            cancellation.ThrowIfCancellationRequested();
            ids.Clear();
            tokenizer.Encode(text, ids);
            foreach (int id in ids)
            {
                uses[id]++;
            }
        }

        bool[] kept = [.. uses.Select((count, id) => count >= leastUses || tokenizer.Pipeline.Added.ContentOf(id) is not null)];
        return tokenizer.Pipeline.Model switch
        {
            BytePairTokenModel model => Trim(tokenizer, model, kept),
            SentencePieceTokenModel { Model.File.Trainer.ModelType: ModelType.Unigram or ModelType.BytePairs } model => Trim(model.Model, kept),
            _ => throw new AthanorException($"a vocabulary of {VocabularyExtension.Name(tokenizer)} cannot be trimmed", "take byte pairs (tokenizer.json) or a SentencePiece model of unigrams or byte pairs"),
        };
    }

    private static VocabularyChange Trim(Tokenizer tokenizer, BytePairTokenModel model, bool[] kept)
    {
        // From the last rule to the first: what a kept token is merged from was made by earlier rules, so it is seen later
        HashSet<int> made = [.. model.Merges.Select(merge => merge.Result)];
        for (int id = 0; id < model.IdLimit; id++)
        {
            kept[id] |= !made.Contains(id) && model.TokenOf(id) is not null;
        }

        bool changed = true;
        while (changed)
        {
            changed = false;
            for (int rule = model.Merges.Count - 1; rule >= 0; rule--)
            {
                Merge merge = model.Merges[rule];
                if (kept[merge.Result] && !(kept[merge.Left] && kept[merge.Right]))
                {
                    kept[merge.Left] = kept[merge.Right] = changed = true;
                }
            }
        }

        int[] moved = new int[model.IdLimit];
        TokenVocabulary vocabulary = new();
        List<IReadOnlyList<int>> sources = [];
        for (int id = 0; id < model.IdLimit; id++)
        {
            moved[id] = kept[id] && model.TokenOf(id) is not null ? vocabulary.Count : -1;
            if (moved[id] >= 0)
            {
                vocabulary.Add(model.Vocabulary.BytesOf(id), moved[id]);
                sources.Add([id]);
            }
        }

        TokenizerPipeline pipeline = tokenizer.Pipeline;
        BytePairTokenModel trimmed = new(
            vocabulary, [.. model.Merges.Where(merge => moved[merge.Result] >= 0).Select(merge => new Merge(moved[merge.Left], moved[merge.Right], moved[merge.Result]))], model.Options);
        AddedVocabulary added = new([.. pipeline.Added.Tokens.Select(entry => entry.Value)], trimmed, pipeline.Normalizer);
        foreach ((int id, AddedToken token) in added.Tokens.Where(entry => entry.Key >= vocabulary.Count))
        {
            sources.Add([pipeline.Added.TryGetId(token.Content, out int old) ? old : throw new InvalidOperationException($"added token {id} is new")]);
        }

        return new VocabularyChange(new Tokenizer(pipeline with { Model = trimmed, Added = added, FastEncoder = null }), sources);
    }

    private static VocabularyChange Trim(SentencePieceModel model, bool[] kept)
    {
        IReadOnlyList<ModelPiece> pieces = model.File.Pieces;
        Dictionary<string, int> ids = pieces.Select((piece, id) => (piece.Text, id)).ToDictionary(entry => entry.Text, entry => entry.id);
        for (int id = 0; id < kept.Length; id++)
        {
            kept[id] |= pieces[id].Type != PieceType.Normal || pieces[id].Text.EnumerateRunes().Count() == 1;
        }

        if (model.File.Trainer.ModelType == ModelType.BytePairs)
        {
            // The way to a piece leads over pieces that make it up: all that could, the longest pieces first
            foreach (int id in Enumerable.Range(0, kept.Length).OrderByDescending(id => pieces[id].Text.Length))
            {
                string text = pieces[id].Text;
                for (int at = 1; kept[id] && pieces[id].Type == PieceType.Normal && at < text.Length; at++)
                {
                    if (ids.TryGetValue(text[..at], out int left) && ids.TryGetValue(text[at..], out int right))
                    {
                        kept[left] = kept[right] = true;
                    }
                }
            }
        }

        int[] remaining = [.. Enumerable.Range(0, kept.Length).Where(id => kept[id])];
        return new VocabularyChange(VocabularyExtension.With(model, [.. remaining.Select(id => pieces[id])]), [.. remaining.Select(id => (IReadOnlyList<int>)[id])]);
    }
}
