using System.Runtime.CompilerServices;
using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Generation.Decoding;
using Athanor.Models.LanguageModels;
using Athanor.Tokenization.Chat;
using Microsoft.Extensions.AI;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using Turn = Athanor.Core.Documents.ChatMessage;

namespace Athanor.Generation.Chat;

/// <summary>
/// A model as the <see cref="IChatClient"/> that the .NET world speaks to. Options it cannot honour are refused by name
/// (<see cref="NotSupportedException"/>), never ignored. Calls are answered one at a time; what a conversation shares with the one before it is not
/// computed again.
/// </summary>
public sealed class AthanorChatClient : IChatClient
{
    private readonly ILanguageModel _model;
    private readonly ChatTemplate _template;
    private readonly GenerationSettings _defaults;
    private readonly CachedSequence _sequence;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ChatClientMetadata _metadata;

    /// <summary>Opens a client.</summary>
    /// <param name="model">The model, which stays the caller's.</param>
    /// <param name="defaults">How to answer where a call's options say nothing; null for <see cref="GenerationSettings.Chat"/>.</param>
    /// <exception cref="AthanorException">A default is outside its range.</exception>
    public AthanorChatClient(ILanguageModel model, GenerationSettings? defaults = null)
    {
        _model = model;
        _defaults = defaults ?? GenerationSettings.Chat;
        _defaults.Validate();
        _template = model.ChatTemplate;
        _sequence = new CachedSequence(model);
        _metadata = new ChatClientMetadata("athanor", defaultModelId: model.Info.Name);
    }

    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        GenerationSettings settings = ChatOptionsReader.Apply(options, _defaults, this, _model.Info.Name);
        List<Turn> turns = ChatOptionsReader.Turns(messages, options?.Instructions);
        int[] prompt = Conversation.Fit(_template, turns, _model.Info.ContextLength, 1, out int leftOut);
        if (leftOut > 0)
        {
            throw new AthanorException(
                $"the conversation needs {_template.EncodePrompt(turns).Length:N0} tokens, but the model's context holds {_model.Info.ContextLength:N0}, answer included",
                "leave out the oldest turns");
        }

        return AnswerAsync(prompt, settings with { StopTokens = [.. settings.StopTokens, .. _template.StopTokenIds] }, cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(_model) ? _model
            : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sequence.Dispose();
        _turn.Dispose();
    }

    private async IAsyncEnumerable<ChatResponseUpdate> AnswerAsync(int[] prompt, GenerationSettings settings, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Sampler sampler = new(settings);
        RandomStream random = new RandomStreams(settings.Seed).Open("generation/chat");
        GrowingAnswer answer = new(prompt, _model.Info.ContextLength, settings, _model.Tokenizer, random);
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await foreach (string piece in Generator.WriteAsync(_sequence, prompt, answer, sampler, cancellation).ConfigureAwait(false))
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, piece) { ModelId = _model.Info.Name };
            }

            UsageDetails usage = new()
            {
                InputTokenCount = prompt.Length,
                CachedInputTokenCount = _sequence.Reused,
                OutputTokenCount = answer.Length,
                TotalTokenCount = prompt.Length + answer.Length,
            };
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(usage)])
            {
                ModelId = _model.Info.Name,
                FinishReason = answer.Finished is FinishReason.StopToken or FinishReason.StopString ? ChatFinishReason.Stop : ChatFinishReason.Length,
            };
        }
        finally
        {
            _turn.Release();
        }
    }
}
