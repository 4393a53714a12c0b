namespace Athanor.Tokenization.Pipeline;

/// <content>From ids to text.</content>
internal sealed partial record TokenizerPipeline
{
    /// <summary>The largest id and one more, added tokens included.</summary>
    public int IdLimit => Math.Max(Model.IdLimit, Added.IdLimit);

    /// <summary>The text of ids; those that stand for no token are left out.</summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens)
    {
        List<string> tokens = new(ids.Length);
        foreach (int id in ids)
        {
            if (TokenOf(id) is string token && !(skipSpecialTokens && Added.IsSpecial(token)))
            {
                tokens.Add(token);
            }
        }

        if (Decoder is null)
        {
            return string.Join(' ', tokens);
        }

        Decoder.Decode(tokens);
        return string.Concat(tokens);
    }

    /// <summary>The token of an id as decoders take it; null where the id stands for none.</summary>
    public string? TokenOf(int id) => Added.TokenOf(id) ?? Model.TokenOf(id);

    /// <summary>The id of a token as the file writes it.</summary>
    public bool TryGetId(string token, out int id) => Added.TryGetId(token, out id) || Model.TryGetId(token, out id);
}
