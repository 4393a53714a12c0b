namespace Athanor.Generation.Processors;

/// <summary>
/// Changes the logits of the next token before it is chosen: reshapes them, penalises some, or removes some (a removed token gets −∞ and keeps it).
/// An instance may hold working memory, so that a step allocates nothing: it serves one thread at a time, and any number of sequences in turn.
/// </summary>
public interface ILogitsProcessor
{
    /// <summary>Changes the logits in place.</summary>
    /// <param name="logits">One for each token of the vocabulary.</param>
    /// <param name="context">What stands before the next token.</param>
    void Process(Span<float> logits, DecodingContext context);
}

/// <summary>What stands before the next token.</summary>
/// <param name="tokens">The prompt and what was generated so far.</param>
/// <param name="promptLength">How many of them are the prompt's.</param>
public readonly ref struct DecodingContext(ReadOnlySpan<int> tokens, int promptLength)
{
    /// <summary>The prompt and what was generated so far.</summary>
    public ReadOnlySpan<int> Tokens { get; } = tokens;

    /// <summary>How many of the tokens are the prompt's.</summary>
    public int PromptLength { get; } = promptLength;

    /// <summary>What was generated so far.</summary>
    public ReadOnlySpan<int> Answer => Tokens[Math.Min(PromptLength, Tokens.Length)..];

    /// <summary>The part that a scope names.</summary>
    public ReadOnlySpan<int> In(TokenScope scope) => scope == TokenScope.Answer ? Answer : Tokens;
}

/// <summary>Which tokens a penalty looks at.</summary>
public enum TokenScope
{
    /// <summary>The prompt and the answer, as the penalties' papers have it.</summary>
    Context,

    /// <summary>The answer alone, so that it may repeat what the question says.</summary>
    Answer,
}
