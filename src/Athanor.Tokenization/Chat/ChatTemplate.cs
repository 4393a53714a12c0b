using Athanor.Core.Documents;

namespace Athanor.Tokenization.Chat;

/// <summary>
/// How a conversation becomes tokens. One object serves tuning (with the loss mask), evaluation and chat, so that the three can never differ.
/// Athanor's own: <c>&lt;|endoftext|&gt;</c>, then for each turn <c>&lt;|system|&gt;CONTENT</c>, <c>&lt;|user|&gt;CONTENT</c> or
/// <c>&lt;|assistant|&gt;CONTENT&lt;|end|&gt;</c>; to be answered, it ends in <c>&lt;|assistant|&gt;</c>. Contents are encoded without recognising special tokens.
/// </summary>
public sealed class ChatTemplate
{
    /// <summary>Begins every document and conversation; also the model's <c>bos_token</c> and padding.</summary>
    public const string DocumentToken = "<|endoftext|>";

    /// <summary>Ends an assistant's turn; the model's <c>eos_token</c>.</summary>
    public const string EndToken = "<|end|>";

    /// <summary>Begins the instructions.</summary>
    public const string SystemToken = "<|system|>";

    /// <summary>Begins the person's turn.</summary>
    public const string UserToken = "<|user|>";

    /// <summary>Begins the model's turn.</summary>
    public const string AssistantToken = "<|assistant|>";

    /// <summary>The special tokens in the order of their ids, which are 0, 1, ….</summary>
    public static IReadOnlyList<string> SpecialTokens { get; } = [DocumentToken, EndToken, SystemToken, UserToken, AssistantToken];

    /// <summary>The template for a tokenizer that has Athanor's special tokens.</summary>
    /// <exception cref="Athanor.Core.Errors.AthanorException">The tokenizer lacks one of them.</exception>
    public static ChatTemplate For(Tokenizer tokenizer) => throw new NotImplementedException();

    /// <summary>The tokenizer it encodes with.</summary>
    public Tokenizer Tokenizer => throw new NotImplementedException();

    /// <summary>The id of <see cref="DocumentToken"/>.</summary>
    public int DocumentTokenId => throw new NotImplementedException();

    /// <summary>Ids at which an answer ends.</summary>
    public IReadOnlyList<int> StopTokenIds => throw new NotImplementedException();

    /// <summary>The same template in Jinja, as <c>tokenizer_config.json</c> stores it.</summary>
    public string Jinja => throw new NotImplementedException();

    /// <summary>A finished conversation with its loss mask.</summary>
    public EncodedConversation Encode(IReadOnlyList<ChatMessage> messages) => throw new NotImplementedException();

    /// <summary>The ids after which the model answers: the conversation and <see cref="AssistantToken"/>.</summary>
    public int[] EncodePrompt(IReadOnlyList<ChatMessage> messages) => throw new NotImplementedException();

    /// <summary>The text that <see cref="Jinja"/> renders.</summary>
    public string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt) => throw new NotImplementedException();
}

/// <summary>A conversation as tokens.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="Mask">1 where the token was the assistant's to say (its contents and its <c>&lt;|end|&gt;</c>), so that its prediction counts in the loss; else 0. As long as <paramref name="Ids"/>.</param>
public sealed record EncodedConversation(int[] Ids, byte[] Mask);
