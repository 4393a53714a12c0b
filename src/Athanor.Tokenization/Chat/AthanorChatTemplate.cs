using System.Text;
using Athanor.Core.Documents;
using Athanor.Core.Errors;

namespace Athanor.Tokenization.Chat;

/// <summary>
/// Athanor's own template: <c>&lt;|endoftext|&gt;</c>, then for each turn <c>&lt;|system|&gt;CONTENT</c>, <c>&lt;|user|&gt;CONTENT</c> or
/// <c>&lt;|assistant|&gt;CONTENT&lt;|end|&gt;</c>; to be answered, it ends in <c>&lt;|assistant|&gt;</c>. Contents are encoded without recognising special tokens.
/// </summary>
internal sealed class AthanorChatTemplate : ChatTemplate
{
    /// <summary>The same template in Jinja.</summary>
    public const string JinjaText =
        "{{ '" + DocumentToken + "' }}"
        + "{% for message in messages %}"
        + "{% if message['role'] == 'system' %}{{ '" + SystemToken + "' + message['content'] }}"
        + "{% elif message['role'] == 'user' %}{{ '" + UserToken + "' + message['content'] }}"
        + "{% elif message['role'] == 'assistant' %}{{ '" + AssistantToken + "' + message['content'] + '" + EndToken + "' }}"
        + "{% else %}{{ raise_exception('a role is system, user or assistant, not ' + message['role']) }}{% endif %}"
        + "{% endfor %}"
        + "{% if add_generation_prompt %}{{ '" + AssistantToken + "' }}{% endif %}";

    private readonly int _document;
    private readonly int _end;
    private readonly int _system;
    private readonly int _user;
    private readonly int _assistant;

    public AthanorChatTemplate(Tokenizer tokenizer)
        : base(tokenizer)
    {
        _document = Special(tokenizer, DocumentToken);
        _end = Special(tokenizer, EndToken);
        _system = Special(tokenizer, SystemToken);
        _user = Special(tokenizer, UserToken);
        _assistant = Special(tokenizer, AssistantToken);

        // A model that begins a new document or turn has nothing more to say either
        StopTokenIds = [_end, _document, _user, _system, _assistant];
    }

    public override int? BeginTokenId => _document;

    public override IReadOnlyList<int> StopTokenIds { get; }

    public override string? Jinja => JinjaText;

    public override EncodedConversation Encode(IReadOnlyList<ChatMessage> messages)
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

    public override int[] EncodePrompt(IReadOnlyList<ChatMessage> messages) => [.. Encode(messages).Ids, _assistant];

    public override int[] EncodeAnswered(IReadOnlyList<ChatMessage> messages, string answer, out int firstTarget)
    {
        int[] prompt = EncodePrompt(messages);
        firstTarget = prompt.Length;
        return [.. prompt, .. Tokenizer.Encode(answer)];
    }

    public override string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
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
        yield return new Piece(_document, null, Learnt: false);
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
