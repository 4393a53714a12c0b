using System.Runtime.CompilerServices;
using System.Text;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Generation.Decoding;
using Athanor.Models.LanguageModels;
using Athanor.Tokenization.Chat;

namespace Athanor.Generation.Chat;

/// <summary>
/// A conversation with a model over many turns. What the model computed for earlier turns is kept; when the context is full the oldest turns are left out.
/// Serves one caller at a time.
/// </summary>
public sealed class ChatSession : IDisposable
{
    private readonly ILanguageModel _model;
    private readonly ChatTemplate _template;
    private readonly CachedSequence _sequence;
    private readonly List<ChatMessage> _turns = [];
    private long _answers;

    /// <summary>Begins a conversation.</summary>
    /// <param name="model">The model, which stays the caller's.</param>
    /// <param name="template">How turns become tokens.</param>
    /// <param name="settings">How to answer; the template's stop tokens are added.</param>
    /// <param name="instructions">What holds for the whole conversation (the system turn), or null.</param>
    public ChatSession(ILanguageModel model, ChatTemplate template, GenerationSettings settings, string? instructions = null)
    {
        settings.Validate();
        _model = model;
        _template = template;
        _sequence = new CachedSequence(model);
        Settings = settings;
        Instructions = instructions;
    }

    /// <summary>How to answer; may be changed between turns.</summary>
    public GenerationSettings Settings { get; set; }

    /// <summary>What holds for the whole conversation; may be changed between turns.</summary>
    public string? Instructions { get; set; }

    /// <summary>
    /// How many earlier exchanges the model is shown with a question; null for as many as fit. Small models that were taught single exchanges answer worse
    /// after others, and then better without.
    /// </summary>
    public int? Memory { get; set; }

    /// <summary>The conversation so far, instructions first.</summary>
    public IReadOnlyList<ChatMessage> Messages => WithInstructions(_turns);

    /// <summary>The last answer; null before the first.</summary>
    public GenerationResult? LastAnswer { get; private set; }

    /// <summary>How many turns that <see cref="Memory"/> would have shown the last question had to leave out, because the context is full.</summary>
    public int LeftOutTurns { get; private set; }

    /// <summary>How many tokens of the last prompt had not to be computed again.</summary>
    public int ReusedTokens => _sequence.Reused;

    /// <summary>
    /// Asks, and gives the answer as it comes. Question and answer join the conversation; so does the part of an answer that the caller stopped.
    /// </summary>
    /// <exception cref="AthanorException">The question alone is longer than the context; the conversation stays as it was.</exception>
    public async IAsyncEnumerable<string> AskAsync(string question, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        _turns.Add(new ChatMessage(ChatMessage.User, question));
        int[] prompt;
        Sampler sampler;
        try
        {
            sampler = new Sampler(Settings);
            prompt = Conversation.Fit(_template, WithInstructions(Remembered()), _model.Info.ContextLength, Conversation.Room(Settings.MaximumTokens, _model.Info.ContextLength), out int leftOut);
            LeftOutTurns = leftOut;
        }
        catch (AthanorException)
        {
            _turns.RemoveAt(_turns.Count - 1);
            throw;
        }

        GenerationSettings settings = Settings with { StopTokens = [.. Settings.StopTokens, .. _template.StopTokenIds] };
        RandomStream random = new RandomStreams(settings.Seed).Open("generation/chat", _answers++);
        GrowingAnswer answer = new(prompt, _model.Info.ContextLength, settings, _model.Tokenizer, random);
        StringBuilder text = new();
        try
        {
            await foreach (string piece in Generator.WriteAsync(_sequence, prompt, answer, sampler, cancellation).ConfigureAwait(false))
            {
                text.Append(piece);
                yield return piece;
            }
        }
        finally
        {
            LastAnswer = answer.Result(0, 0);
            _turns.Add(new ChatMessage(ChatMessage.Assistant, text.ToString()));
        }
    }

    /// <summary>Asks the last question again, in place of its answer, with other random numbers.</summary>
    /// <exception cref="AthanorException">Nothing was asked yet.</exception>
    public IAsyncEnumerable<string> RetryAsync(CancellationToken cancellation = default)
    {
        int last = _turns.FindLastIndex(turn => turn.Role == ChatMessage.User);
        if (last < 0)
        {
            throw new AthanorException("there is no question to ask again", "ask one first");
        }

        string question = _turns[last].Content;
        _turns.RemoveRange(last, _turns.Count - last);
        return AskAsync(question, cancellation);
    }

    /// <summary>Forgets the conversation but the instructions.</summary>
    public void Reset()
    {
        _turns.Clear();
        LastAnswer = null;
        LeftOutTurns = 0;
    }

    private IReadOnlyList<ChatMessage> WithInstructions(IReadOnlyList<ChatMessage> turns) => Instructions is null ? turns : [new ChatMessage(ChatMessage.System, Instructions), .. turns];

    // the question, which stands last, and the exchanges before it
    private List<ChatMessage> Remembered() => Memory is { } exchanges && _turns.Count - 1 > 2L * exchanges ? _turns[^((2 * exchanges) + 1)..] : _turns;

    /// <inheritdoc/>
    public void Dispose() => _sequence.Dispose();
}
