using Athanor.Core.Documents;
using Athanor.Core.Errors;

namespace Athanor.Tokenization.Chat;

/// <summary>
/// How a conversation becomes tokens, and where an answer ends. One object serves tuning (with the loss mask), evaluation and chat, so that the three can never differ.
/// It is Athanor's own (<see cref="For"/>) or the one that a published model's folder stores in Jinja (<see cref="Read"/>).
/// </summary>
public abstract class ChatTemplate
{
    /// <summary>Begins every document and conversation of Athanor's models; also their <c>bos_token</c> and padding.</summary>
    public const string DocumentToken = "<|endoftext|>";

    /// <summary>Ends an assistant's turn; the <c>eos_token</c> of Athanor's models.</summary>
    public const string EndToken = "<|end|>";

    /// <summary>Begins the instructions.</summary>
    public const string SystemToken = "<|system|>";

    /// <summary>Begins the person's turn.</summary>
    public const string UserToken = "<|user|>";

    /// <summary>Begins the model's turn.</summary>
    public const string AssistantToken = "<|assistant|>";

    private protected ChatTemplate(Tokenizer tokenizer) => Tokenizer = tokenizer;

    /// <summary>Athanor's special tokens in the order of their ids, which are 0, 1, ….</summary>
    public static IReadOnlyList<string> SpecialTokens { get; } = [DocumentToken, EndToken, SystemToken, UserToken, AssistantToken];

    /// <summary>The tokenizer it encodes with.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The token that begins a running text: of a published model its <c>bos_token</c>, else its <c>eos_token</c>, which stood between documents; null where it names neither.</summary>
    public abstract int? BeginTokenId { get; }

    /// <summary><see cref="BeginTokenId"/> where it must be there.</summary>
    /// <exception cref="AthanorException">The model names no such token.</exception>
    public int DocumentTokenId => BeginTokenId ?? throw new AthanorException("the model names no token that begins a text", "name bos_token or eos_token in its tokenizer_config.json");

    /// <summary>Ids at which an answer ends.</summary>
    public abstract IReadOnlyList<int> StopTokenIds { get; }

    /// <summary>Whether there is a template at all: a base model has none, and whatever asks it to converse throws.</summary>
    public bool Converses => Jinja is not null;

    /// <summary>The template in Jinja, as <c>tokenizer_config.json</c> stores it; null where there is none.</summary>
    public abstract string? Jinja { get; }

    /// <summary>Athanor's own template, for a tokenizer that has its special tokens.</summary>
    /// <exception cref="AthanorException">The tokenizer lacks one of them.</exception>
    public static ChatTemplate For(Tokenizer tokenizer) => new AthanorChatTemplate(tokenizer);

    /// <summary>
    /// The template of a model's folder: <c>chat_template.jinja</c>, else <c>chat_template</c> of <c>tokenizer_config.json</c> (a text, or a list in which one is named <c>default</c>).
    /// Where that is Athanor's own, it is <see cref="For"/>; where there is none, one that says so when it is asked to converse.
    /// </summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="beginning">The <c>bos_token_id</c> of its configuration.</param>
    /// <param name="ends">The <c>eos_token_id</c> of its <c>generation_config.json</c>, else of its <c>config.json</c>; where there are none, <c>eos_token</c> of <c>tokenizer_config.json</c> ends an answer.</param>
    /// <param name="clock">The clock of templates that write the date.</param>
    /// <exception cref="AthanorException">A file is malformed, or has several templates and none of them is the default.</exception>
    public static ChatTemplate Read(string folder, Tokenizer tokenizer, int? beginning, IReadOnlyList<int> ends, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        StoredTemplate stored = StoredTemplate.Read(folder);
        bool own = (stored.Text is null || stored.Text == AthanorChatTemplate.JinjaText) && SpecialTokens.All(token => tokenizer.TryGetId(token, out int id) && tokenizer.IsSpecial(id));
        return own ? For(tokenizer) : new JinjaChatTemplate(folder, tokenizer, stored, beginning, ends, clock);
    }

    /// <summary>A finished conversation with its loss mask.</summary>
    /// <exception cref="AthanorException">The template refuses the conversation, or there is none.</exception>
    public abstract EncodedConversation Encode(IReadOnlyList<ChatMessage> messages);

    /// <summary>A document of a corpus with its loss mask: a conversation, or running text, of which every token counts but the one that begins it.</summary>
    /// <exception cref="AthanorException">The template refuses the conversation, or there is none; or no token begins a text.</exception>
    public EncodedConversation Encode(Document document)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (document.Messages is { } messages)
        {
            return Encode(messages);
        }

        int[] ids = EncodeText(document.Text);
        byte[] mask = new byte[ids.Length];
        mask.AsSpan(1).Fill(1);
        return new EncodedConversation(ids, mask);
    }

    /// <summary>Running text as documents begin: <see cref="DocumentTokenId"/>, then the text.</summary>
    /// <exception cref="AthanorException">No token begins a text.</exception>
    public int[] EncodeText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> ids = new((text.Length / 3) + 4) { DocumentTokenId };
        Tokenizer.Encode(text, ids);
        return [.. ids];
    }

    /// <summary>The ids after which the model answers: the conversation and what begins the assistant's turn.</summary>
    /// <exception cref="AthanorException">The template refuses the conversation, or there is none.</exception>
    public abstract int[] EncodePrompt(IReadOnlyList<ChatMessage> messages);

    /// <summary>A question with a possible answer, whose end is not said: <see cref="EncodePrompt"/> and then the answer's tokens, as tuning shows them.</summary>
    /// <param name="messages">The turns, the last the user's.</param>
    /// <param name="answer">What the assistant may say.</param>
    /// <param name="firstTarget">Where the answer begins.</param>
    /// <exception cref="AthanorException">The template refuses the conversation, or there is none.</exception>
    public abstract int[] EncodeAnswered(IReadOnlyList<ChatMessage> messages, string answer, out int firstTarget);

    /// <summary>The text that <see cref="Jinja"/> renders.</summary>
    /// <exception cref="AthanorException">The template refuses the conversation, or there is none.</exception>
    public abstract string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt);
}

/// <summary>A conversation as tokens.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="Mask">1 where the token was the assistant's to say (its contents and the token that ends its turn), so that its prediction counts in the loss; else 0. As long as <paramref name="Ids"/>.</param>
public sealed record EncodedConversation(int[] Ids, byte[] Mask);
