using Athanor.Tokenization;
using Athanor.Tokenization.Chat;

namespace Athanor.Models.LanguageModels;

/// <summary>
/// What use and evaluation see of a model, whatever computes it: a libtorch model, an n-gram model, a model behind a network.
/// An instance serves one caller at a time; batches opened from it share its weights.
/// </summary>
public interface ILanguageModel : IDisposable
{
    /// <summary>Name, sizes, limits.</summary>
    LanguageModelInfo Info { get; }

    /// <summary>Its tokenizer.</summary>
    Tokenizer Tokenizer { get; }

    /// <summary>How it reads conversations and running text, and where its answers end: the same for all that use it. Without a word from the model, Athanor's own.</summary>
    ChatTemplate ChatTemplate => ChatTemplate.For(Tokenizer);

    /// <summary>
    /// The natural-log probability of each target token given what stands before it, normalised over the vocabulary. The model packs the batch as it
    /// likes; a request's result depends on neither order nor company.
    /// </summary>
    /// <returns>For each request the log-probabilities of its tokens from <see cref="ScoringRequest.FirstTarget"/> on.</returns>
    IReadOnlyList<float[]> Score(IReadOnlyList<ScoringRequest> requests, CancellationToken cancellation);

    /// <summary>Opens a batch of growing sequences over shared weights and cache.</summary>
    IDecodingBatch OpenBatch(DecodingOptions options);
}

/// <summary>Facts about a model.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="ContextLength">The longest sequence it can take, in tokens.</param>
/// <param name="VocabularySize">How many logits it gives.</param>
/// <param name="Parameters">How many weights it has.</param>
public sealed record LanguageModelInfo(string Name, int ContextLength, int VocabularySize, long Parameters);

/// <summary>Tokens to be scored.</summary>
/// <param name="Tokens">The whole sequence, at most the context's length.</param>
/// <param name="FirstTarget">The first token that is scored, at least 1; what stands before is context.</param>
public sealed record ScoringRequest(ReadOnlyMemory<int> Tokens, int FirstTarget);

/// <summary>How large a decoding batch may become.</summary>
/// <param name="MaximumSequences">How many sequences stand in it at once.</param>
/// <param name="MaximumTokens">How many tokens each may grow to; at most the context's length.</param>
public sealed record DecodingOptions(int MaximumSequences, int MaximumTokens)
{
    /// <summary>
    /// Whether what a sequence gets is to be the same to the last bit, however many sequences stand beside it, and whichever; costs time where they are few.
    /// Without it company may change the last bits.
    /// </summary>
    public bool Independent { get; init; }
}

/// <summary>A sequence of a batch.</summary>
/// <param name="Id">Its number in the batch.</param>
public readonly record struct SequenceHandle(int Id);

/// <summary>The next token of a sequence.</summary>
/// <param name="Sequence">Which sequence grows.</param>
/// <param name="Token">By which token.</param>
public readonly record struct SequenceInput(SequenceHandle Sequence, int Token);

/// <summary>Growing sequences that share weights and cache.</summary>
public interface IDecodingBatch : IDisposable
{
    /// <summary>Adds a sequence. Its tokens but the last are taken in; the last is fed by the first <see cref="Step"/>, which gives the logits after it.</summary>
    /// <exception cref="InvalidOperationException">The batch is full or the prompt is longer than it allows.</exception>
    SequenceHandle Add(ReadOnlySpan<int> prompt);

    /// <summary>Copies a sequence (beams, several samples of one prompt).</summary>
    SequenceHandle Fork(SequenceHandle sequence);

    /// <summary>Forgets everything from a length on (speculation, edited chats).</summary>
    void Truncate(SequenceHandle sequence, int length);

    /// <summary>Takes several tokens into a sequence that is there already, such as the next turn of a chat; the logits after them are not asked for.</summary>
    /// <param name="sequence">Which sequence grows.</param>
    /// <param name="tokens">By which tokens.</param>
    /// <param name="logits">Working memory of at least one row; afterwards its content means nothing.</param>
    void Extend(SequenceHandle sequence, ReadOnlySpan<int> tokens, LogitsBuffer logits)
    {
        foreach (int token in tokens)
        {
            Step([new SequenceInput(sequence, token)], logits);
        }
    }

    /// <summary>Removes a sequence; its place can be used again.</summary>
    void Remove(SequenceHandle sequence);

    /// <summary>Feeds one token to each named sequence in one pass and gives the logits that follow, a row an input.</summary>
    void Step(ReadOnlySpan<SequenceInput> inputs, LogitsBuffer logits);
}

/// <summary>Rows of logits, reused from step to step.</summary>
/// <param name="rows">How many rows it can hold.</param>
/// <param name="vocabularySize">How long each is.</param>
public sealed class LogitsBuffer(int rows, int vocabularySize)
{
    private readonly float[] _values = new float[rows * vocabularySize];

    /// <summary>How many rows it can hold.</summary>
    public int Rows { get; } = rows;

    /// <summary>How long each row is.</summary>
    public int VocabularySize { get; } = vocabularySize;

    /// <summary>One row.</summary>
    public Span<float> Row(int row) => _values.AsSpan(row * VocabularySize, VocabularySize);
}
