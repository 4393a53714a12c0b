using Athanor.Tokenization.Normalizers;
using Athanor.Tokenization.Pipeline;

namespace Athanor.Tokenization.AddedTokens;

/// <summary>The tokens that are looked for in the text before the model sees it, with their ids. Immutable.</summary>
internal sealed class AddedVocabulary
{
    /// <summary>No tokens.</summary>
    public static readonly AddedVocabulary Empty = new([]);

    private readonly Dictionary<string, int> _ids = [];
    private readonly Dictionary<int, AddedToken> _tokens = [];
    private readonly Dictionary<int, string> _normalizedTexts = [];
    private readonly HashSet<string> _special = [];
    private readonly AddedTokenFinder _inText;
    private readonly AddedTokenFinder _inNormalizedText;

    private AddedVocabulary(IReadOnlyList<AddedToken> tokens)
        : this(tokens, null, null)
    {
    }

    /// <summary>
    /// Numbers tokens as Hugging Face does: one that the model or an earlier entry has keeps that id, the others follow the model's vocabulary in order. A token that occurs twice counts as
    /// the later says.
    /// </summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="model">Has the ids of those that it knows.</param>
    /// <param name="normalizer">Rewrites those that are looked for in the normalized text.</param>
    /// <param name="longestFirst">Whether the longest is looked for in the whole text before the next, as llama.cpp does, and not the leftmost.</param>
    public AddedVocabulary(IReadOnlyList<AddedToken> tokens, ITokenModel? model, INormalizer? normalizer, bool longestFirst = false)
    {
        int next = model?.VocabularySize ?? 0;
        foreach (AddedToken token in tokens)
        {
            if (token.Content.Length == 0)
            {
                continue;
            }

            int id = 0;
            if (!_ids.TryGetValue(token.Content, out id) && !(model?.TryGetId(token.Content, out id) ?? false))
            {
                id = next++;
            }

            if (token.Normalized && normalizer is not null && normalizer.Normalize(NormalizedText.From(token.Content)).ToString() is string text && text != token.Content)
            {
                _normalizedTexts[id] = text;
            }

            _ids[token.Content] = id;
            _tokens[id] = token;
            if (token.Special)
            {
                _special.Add(token.Content);
            }
        }

        _inText = new AddedTokenFinder(_tokens.Where(entry => !entry.Value.Normalized).Select(entry => (entry.Value.Content, entry.Key, entry.Value)), longestFirst);
        _inNormalizedText = new AddedTokenFinder(_tokens.Where(entry => entry.Value.Normalized).Select(entry => (_normalizedTexts.GetValueOrDefault(entry.Key, entry.Value.Content), entry.Key, entry.Value)));
        IdLimit = _tokens.Count == 0 ? 0 : _tokens.Keys.Max() + 1;
    }

    /// <summary>The tokens by their ids, rising.</summary>
    public IEnumerable<KeyValuePair<int, AddedToken>> Tokens => _tokens.OrderBy(entry => entry.Key);

    /// <summary>How many there are.</summary>
    public int Count => _tokens.Count;

    /// <summary>The largest id and one more; 0 where there are none.</summary>
    public int IdLimit { get; }

    /// <summary>The id of an added token.</summary>
    public bool TryGetId(string content, out int id) => _ids.TryGetValue(content, out id);

    /// <summary>The text of an added token for decoding: as it was normalized, because decoders undo that; null where the id is no added token's.</summary>
    public string? TokenOf(int id) => _normalizedTexts.TryGetValue(id, out string? text) ? text : _tokens.TryGetValue(id, out AddedToken? token) ? token.Content : null;

    /// <summary>The text of an added token as the file writes it; null where the id is no added token's.</summary>
    public string? ContentOf(int id) => _tokens.TryGetValue(id, out AddedToken? token) ? token.Content : null;

    /// <summary>Whether a token is left out of decoded text on request.</summary>
    public bool IsSpecial(string token) => _special.Contains(token);

    /// <summary>Whether an id is left out of decoded text on request: where normalizing rewrites a special token, the reference no longer knows it for one.</summary>
    public bool IsLeftOut(int id) => TokenOf(id) is string token && IsSpecial(token);

    /// <summary>Whether an id is that of a special token.</summary>
    public bool IsSpecial(int id) => _tokens.TryGetValue(id, out AddedToken? token) && token.Special;

    /// <summary>Whether there are tokens that are looked for in the normalized text.</summary>
    public bool LooksInNormalizedText(bool withSpecial) => _inNormalizedText.MayOccur(withSpecial);

    /// <summary>Whether there is anything to look for.</summary>
    public bool MayOccur(bool withSpecial) => _inText.MayOccur(withSpecial) || _inNormalizedText.MayOccur(withSpecial);

    /// <summary>Whether an added token occurs in a text that nothing normalizes.</summary>
    public bool OccursIn(ReadOnlySpan<char> text, bool withSpecial) => _inText.OccursIn(text, withSpecial) || _inNormalizedText.OccursIn(text, withSpecial);

    /// <summary>Cuts the added tokens out of a text and normalizes what is between them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="normalizer">The normalizer, if any.</param>
    /// <param name="withSpecial">Whether special tokens are recognised; otherwise they are text like any other.</param>
    public PreTokenizedText Extract(NormalizedText text, INormalizer? normalizer, bool withSpecial)
    {
        PreTokenizedText parts = new(text);
        parts.Cut((part, cut) => _inText.Cut(part, withSpecial, cut));
        parts.Cut((part, cut) => _inNormalizedText.Cut(normalizer?.Normalize(part) ?? part, withSpecial, cut));
        return parts;
    }
}
