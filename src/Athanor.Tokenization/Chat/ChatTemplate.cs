using System.Text;
using Athanor.Core.Documents;
using Athanor.Core.Errors;

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

    private const string JinjaText =
        "{{ '" + DocumentToken + "' }}"
        + "{% for message in messages %}"
        + "{% if message['role'] == 'system' %}{{ '" + SystemToken + "' + message['content'] }}"
        + "{% elif message['role'] == 'user' %}{{ '" + UserToken + "' + message['content'] }}"
        + "{% elif message['role'] == 'assistant' %}{{ '" + AssistantToken + "' + message['content'] + '" + EndToken + "' }}"
        + "{% else %}{{ raise_exception('a role is system, user or assistant, not ' + message['role']) }}{% endif %}"
        + "{% endfor %}"
        + "{% if add_generation_prompt %}{{ '" + AssistantToken + "' }}{% endif %}";

    private readonly int _end;
    private readonly int _system;
    private readonly int _user;
    private readonly int _assistant;

    private ChatTemplate(Tokenizer tokenizer)
    {
        Tokenizer = tokenizer;
        DocumentTokenId = Special(tokenizer, DocumentToken);
        _end = Special(tokenizer, EndToken);
        _system = Special(tokenizer, SystemToken);
        _user = Special(tokenizer, UserToken);
        _assistant = Special(tokenizer, AssistantToken);

        // A model that begins a new document or turn has nothing more to say either
        StopTokenIds = StopTokensOf(tokenizer);
    }

    /// <summary>The special tokens in the order of their ids, which are 0, 1, ….</summary>
    public static IReadOnlyList<string> SpecialTokens { get; } = [DocumentToken, EndToken, SystemToken, UserToken, AssistantToken];

    /// <summary>The tokenizer it encodes with.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The id of <see cref="DocumentToken"/>.</summary>
    public int DocumentTokenId { get; }

    /// <summary>Ids at which an answer ends: <see cref="EndToken"/> first, then the tokens that begin something else.</summary>
    public IReadOnlyList<int> StopTokenIds { get; }

    /// <summary>The same template in Jinja, as <c>tokenizer_config.json</c> stores it.</summary>
    public string Jinja { get; } = JinjaText;

    /// <summary>The template for a tokenizer that has Athanor's special tokens.</summary>
    /// <exception cref="AthanorException">The tokenizer lacks one of them.</exception>
    public static ChatTemplate For(Tokenizer tokenizer) => new(tokenizer);

    /// <summary>Those of <see cref="StopTokenIds"/> that a tokenizer has, which may lack some where its model was not taught to converse.</summary>
    public static IReadOnlyList<int> StopTokensOf(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        List<int> stops = [];
        foreach (string token in (string[])[EndToken, DocumentToken, UserToken, SystemToken, AssistantToken])
        {
            if (tokenizer.TryGetId(token, out int id) && tokenizer.IsSpecial(id))
            {
                stops.Add(id);
            }
        }

        return stops;
    }

    /// <summary>A finished conversation with its loss mask.</summary>
    /// <exception cref="AthanorException">A role is none of the three.</exception>
    public EncodedConversation Encode(IReadOnlyList<ChatMessage> messages)
    {
        List<int> ids = [];
        List<byte> mask = [];
        foreach (Piece piece in Pieces(messages))
        {
            if (piece.Text is { } text)
            {
                Tokenizer.Encode(text, ids);
            }
            else
            {
                ids.Add(piece.Token);
            }

            while (mask.Count < ids.Count)
            {
                mask.Add(piece.Learnt ? (byte)1 : (byte)0);
            }
        }

        return new EncodedConversation([.. ids], [.. mask]);
    }

    /// <summary>A document of a corpus with its loss mask: a conversation, or running text, of which every token counts but the one that begins it.</summary>
    /// <exception cref="AthanorException">A role is none of the three.</exception>
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

    /// <summary>Running text as documents begin: <see cref="DocumentToken"/>, then the text.</summary>
    public int[] EncodeText(string text)
    {
        List<int> ids = new((text.Length / 3) + 4) { DocumentTokenId };
        Tokenizer.Encode(text, ids);
        return [.. ids];
    }

    /// <summary>The ids after which the model answers: the conversation and <see cref="AssistantToken"/>.</summary>
    /// <exception cref="AthanorException">A role is none of the three.</exception>
    public int[] EncodePrompt(IReadOnlyList<ChatMessage> messages) => [.. Encode(messages).Ids, _assistant];

    /// <summary>A question with a possible answer, whose end is not said: <see cref="EncodePrompt"/> and then the answer's tokens, as tuning shows them.</summary>
    /// <param name="messages">The turns, the last the user's.</param>
    /// <param name="answer">What the assistant may say.</param>
    /// <param name="firstTarget">Where the answer begins.</param>
    /// <exception cref="AthanorException">A role is none of the three.</exception>
    public int[] EncodeAnswered(IReadOnlyList<ChatMessage> messages, string answer, out int firstTarget)
    {
        int[] prompt = EncodePrompt(messages);
        firstTarget = prompt.Length;
        return [.. prompt, .. Tokenizer.Encode(answer)];
    }

    /// <summary>The text that <see cref="Jinja"/> renders.</summary>
    /// <exception cref="AthanorException">A role is none of the three.</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        StringBuilder text = new();
        foreach (Piece piece in Pieces(messages))
        {
            text.Append(piece.Text ?? Tokenizer.TokenOf(piece.Token));
        }

        return (addGenerationPrompt ? text.Append(AssistantToken) : text).ToString();
    }

    // what a conversation is made of: special tokens and contents, each with whether it is the assistant's to say
    private IEnumerable<Piece> Pieces(IReadOnlyList<ChatMessage> messages)
    {
        yield return new Piece(DocumentTokenId, null, Learnt: false);
        foreach (ChatMessage message in messages)
        {
            bool answers = message.Role == ChatMessage.Assistant;
            yield return new Piece(TokenOf(message.Role), null, Learnt: false);
            yield return new Piece(0, message.Content, answers);
            if (answers)
            {
                yield return new Piece(_end, null, Learnt: true);
            }
        }
    }

    private readonly record struct Piece(int Token, string? Text, bool Learnt);

    private static int Special(Tokenizer tokenizer, string token) =>
        tokenizer.TryGetId(token, out int id) && tokenizer.IsSpecial(id)
            ? id
            : throw new AthanorException($"the tokenizer has no special token {token}, which Athanor's chat template needs", "use a tokenizer made by tokenizer.train");

    private int TokenOf(string role) => role switch
    {
        ChatMessage.System => _system,
        ChatMessage.User => _user,
        ChatMessage.Assistant => _assistant,
        _ => throw new AthanorException($"a message has the role {role}", $"the roles are {ChatMessage.System}, {ChatMessage.User} and {ChatMessage.Assistant}"),
    };
}

/// <summary>A conversation as tokens.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="Mask">1 where the token was the assistant's to say (its contents and its <c>&lt;|end|&gt;</c>), so that its prediction counts in the loss; else 0. As long as <paramref name="Ids"/>.</param>
public sealed record EncodedConversation(int[] Ids, byte[] Mask);
