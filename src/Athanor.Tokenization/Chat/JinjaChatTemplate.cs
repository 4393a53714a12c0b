using System.Text.Json.Nodes;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Tokenization.Chat.Jinja;

namespace Athanor.Tokenization.Chat;

/// <summary>
/// The template that a published model's folder stores, or none. Text is rendered as transformers renders it and encoded as it encodes it there: special tokens are recognised,
/// those of the contents too, and none is added, so that the template alone says where <c>bos_token</c> stands.
/// </summary>
internal sealed class JinjaChatTemplate : ChatTemplate
{
    private const string ProbeAnswer = "Athanor";

    private readonly string _folder;
    private readonly StoredTemplate _stored;
    private readonly TimeProvider _clock;
    private readonly Lazy<JinjaTemplate> _template;

    public JinjaChatTemplate(string folder, Tokenizer tokenizer, StoredTemplate stored, int? beginning, IReadOnlyList<int> ends, TimeProvider clock)
        : base(tokenizer)
    {
        _folder = folder;
        _stored = stored;
        _clock = clock;

        // one that cannot be read does not keep the model from going on with a text
        _template = new Lazy<JinjaTemplate>(() => JinjaTemplate.Parse(stored.Text ?? throw new AthanorException(
            $"{folder} has no chat template: it is a base model, which continues text but was not taught to converse",
            $"let it continue a text: ./athanor generate {folder} --prompt \"TEXT\"; or put the template of its publisher there as {StoredTemplate.FileName}")));
        int? end = IdOf("eos_token");
        ends = [.. ends.Where(Exists)];
        BeginTokenId = IdOf("bos_token") ?? (Exists(beginning ?? -1) ? beginning : null) ?? end ?? ends.Cast<int?>().FirstOrDefault();
        StopTokenIds = [.. (ends.Count > 0 || end is null ? ends : [end.Value]).Append(EndOfTurn() ?? -1).Where(id => id >= 0).Distinct()];
    }

    public override int? BeginTokenId { get; }

    public override IReadOnlyList<int> StopTokenIds { get; }

    public override string? Jinja => _stored.Text;

    public override EncodedConversation Encode(IReadOnlyList<ChatMessage> messages)
    {
        int[] ids = Ids(messages, prompt: false);
        byte[] mask = new byte[ids.Length];
        for (int turn = 0; turn < messages.Count; turn++)
        {
            if (messages[turn].Role == ChatMessage.Assistant)
            {
                mask.AsSpan(AnswerOf(ids, messages, turn)).Fill(1);
            }
        }

        return new EncodedConversation(ids, mask);
    }

    public override int[] EncodePrompt(IReadOnlyList<ChatMessage> messages) => Ids(messages, prompt: true);

    public override int[] EncodeAnswered(IReadOnlyList<ChatMessage> messages, string answer, out int firstTarget)
    {
        ChatMessage[] whole = [.. messages, new ChatMessage(ChatMessage.Assistant, answer)];
        int[] ids = Ids(whole, prompt: false);
        Range said = AnswerOf(ids, whole, messages.Count);
        firstTarget = said.Start.Value;
        int end = said.End.Value;
        return ids[..(end > firstTarget && StopTokenIds.Contains(ids[end - 1]) ? end - 1 : end)];
    }

    public override string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        try
        {
            return Text(messages, addGenerationPrompt);
        }
        catch (AthanorException fault) when (messages.Any(message => message.Role == ChatMessage.System) && Converses && TakesTheRest())
        {
            throw new AthanorException($"the model's chat template refuses instructions (a system message): {fault.Message}", "leave the instructions out (in a chat: /system without a text), or say them in the question", fault);
        }

        bool TakesTheRest()
        {
            try
            {
                return Text([.. messages.Where(message => message.Role != ChatMessage.System)], addGenerationPrompt).Length > 0;
            }
            catch (AthanorException)
            {
                return false;
            }
        }
    }

    private string Text(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        JsonObject variables = new()
        {
            ["messages"] = new JsonArray([.. messages.Select(message => new JsonObject { ["role"] = message.Role, ["content"] = message.Content })]),
            ["add_generation_prompt"] = addGenerationPrompt,
            ["tools"] = null,
            ["documents"] = null,
        };
        foreach ((string role, string token) in _stored.Tokens)
        {
            variables[role] = token;
        }

        return _template.Value.Render(variables, _clock).Text;
    }

    private int[] Ids(IReadOnlyList<ChatMessage> messages, bool prompt) => Tokenizer.EncodeWithSpecialTokens(Render(messages, prompt));

    // what the assistant says in its turn, with the token that ends it: all after the prompt that asks for it
    private Range AnswerOf(int[] ids, IReadOnlyList<ChatMessage> messages, int turn)
    {
        int[] prompt = EncodePrompt([.. messages.Take(turn)]);
        int begin = ids.AsSpan().CommonPrefixLength(prompt);

        // a blank at the end of the prompt may be one token with what follows it
        if (begin < prompt.Length - 1)
        {
            throw new AthanorException(
                $"the chat template of {_folder} writes a turn otherwise when others follow it, so that what the assistant said in turn {turn + 1} cannot be told from the rest",
                "evaluate with conversations of one question and one answer, or with another model");
        }

        int stop = ids.AsSpan(begin).IndexOfAny([.. StopTokenIds]);
        int end = stop >= 0 ? begin + stop + 1 : ids.AsSpan().CommonPrefixLength(Ids([.. messages.Take(turn + 1)], prompt: false));
        return begin..Math.Max(begin, end);
    }

    private bool Exists(int id) => (uint)id < (uint)Tokenizer.VocabularySize;

    private int? IdOf(string role) => _stored.Tokens.TryGetValue(role, out string? token) && Tokenizer.TryGetId(token, out int id) ? id : null;

    // the special token that the template writes after an answer
    private int? EndOfTurn()
    {
        if (!Converses)
        {
            return null;
        }

        try
        {
            string text = Text([new ChatMessage(ChatMessage.User, "?"), new ChatMessage(ChatMessage.Assistant, ProbeAnswer)], addGenerationPrompt: false);
            int answer = text.LastIndexOf(ProbeAnswer, StringComparison.Ordinal);
            int[] after = answer < 0 ? [] : Tokenizer.EncodeWithSpecialTokens(text[(answer + ProbeAnswer.Length)..].TrimStart());
            return after.Length > 0 && Tokenizer.IsSpecial(after[0]) ? after[0] : null;
        }
        catch (Exception exception) when (exception is AthanorException or EncodingException)
        {
            // whoever converses is told
            return null;
        }
    }
}
