using System.Globalization;
using Athanor.Generation.Decoding;
using Microsoft.Extensions.AI;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using Turn = Athanor.Core.Documents.ChatMessage;

namespace Athanor.Generation.Chat;

/// <summary>Turns what a caller of <see cref="IChatClient"/> says into this project's terms, and refuses by name what it cannot do.</summary>
internal static class ChatOptionsReader
{
    public static GenerationSettings Apply(ChatOptions? options, GenerationSettings defaults, IChatClient client, string model)
    {
        if (options is null)
        {
            return defaults;
        }

        Refuse(options.ConversationId is not null, "ConversationId: this client keeps no conversations; send the whole one with each call");
        Refuse(options.Tools is { Count: > 0 } && options.ToolMode is not NoneChatToolMode, "Tools: this model calls none");
        Refuse(options.ToolMode is RequiredChatToolMode, "ToolMode: this model calls no tools, so it cannot be required to");
        Refuse(options.ResponseFormat is not null and not ChatResponseFormatText, "ResponseFormat: this model writes plain text");
        Refuse(options.ModelId is not null && options.ModelId != model, $"ModelId: this client serves {model}, not {options.ModelId}");
#pragma warning disable MEAI001 // experimental options: named here to refuse them
        Refuse(options.AllowBackgroundResponses == true, "AllowBackgroundResponses: this client answers while you wait");
        Refuse(options.ContinuationToken is not null, "ContinuationToken: this client answers while you wait");
#pragma warning restore MEAI001
        Refuse(options.Reasoning is not null, "Reasoning: this model has no separate reasoning");

        GenerationSettings settings = defaults;
        if (options.RawRepresentationFactory?.Invoke(client) is { } raw)
        {
            settings = raw as GenerationSettings ?? throw new NotSupportedException($"RawRepresentationFactory: this client takes a {nameof(GenerationSettings)}, not a {raw.GetType().Name}");
        }

        settings = settings with
        {
            Temperature = options.Temperature is { } temperature ? Single(temperature) : settings.Temperature,
            TopP = options.TopP is { } topP ? Single(topP) : settings.TopP,
            TopK = options.TopK ?? settings.TopK,
            FrequencyPenalty = options.FrequencyPenalty is { } frequency ? Single(frequency) : settings.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty is { } presence ? Single(presence) : settings.PresencePenalty,
            MaximumTokens = options.MaxOutputTokens ?? settings.MaximumTokens,
            Seed = options.Seed ?? settings.Seed,
            StopStrings = options.StopSequences is { } stops ? [.. stops] : settings.StopStrings,
        };
        foreach ((string name, object? value) in options.AdditionalProperties ?? [])
        {
            settings = Additional(settings, name, value);
        }

        settings.Validate();
        return settings;
    }

    public static List<Turn> Turns(IEnumerable<ChatMessage> messages, string? instructions)
    {
        List<string> system = instructions is null ? [] : [instructions];
        List<Turn> turns = [];
        foreach (ChatMessage message in messages)
        {
            foreach (AIContent content in message.Contents)
            {
                Refuse(content is not TextContent, $"{content.GetType().Name} in a message: this model reads text");
            }

            if (message.Role == ChatRole.System)
            {
                // a template has one system turn, at the beginning
                Refuse(turns.Count > 0, "a system message after the first turn: put instructions first");
                system.Add(message.Text);
            }
            else if (message.Role == ChatRole.User || message.Role == ChatRole.Assistant)
            {
                turns.Add(new Turn(message.Role == ChatRole.User ? Turn.User : Turn.Assistant, message.Text));
            }
            else
            {
                Refuse(true, $"a message of role {message.Role}: this model knows system, user and assistant");
            }
        }

        if (turns.Count == 0 || turns[^1].Role != Turn.User)
        {
            throw new ArgumentException("the last message must be the user's: it is what the model answers", nameof(messages));
        }

        return system.Count == 0 ? turns : [new Turn(Turn.System, string.Join("\n", system)), .. turns];
    }

    private static GenerationSettings Additional(GenerationSettings settings, string name, object? value) => name switch
    {
        "min_p" => settings with { MinP = Number(name, value) },
        "typical_p" => settings with { TypicalP = Number(name, value) },
        "epsilon_cutoff" => settings with { EpsilonCutoff = Number(name, value) },
        "eta_cutoff" => settings with { EtaCutoff = Number(name, value) },
        "repetition_penalty" => settings with { RepetitionPenalty = Number(name, value) },
        "no_repeat_ngram_size" => settings with { NoRepeatNgram = (int)Number(name, value) },
        "min_new_tokens" => settings with { MinimumNewTokens = (int)Number(name, value) },
        _ => throw new NotSupportedException($"AdditionalProperties[\"{name}\"]: this client knows min_p, typical_p, epsilon_cutoff, eta_cutoff, repetition_penalty, no_repeat_ngram_size and min_new_tokens"),
    };

    private static double Number(string name, object? value) =>
        double.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw new NotSupportedException($"AdditionalProperties[\"{name}\"]: {value ?? "null"} is not a number");

    // 0.7f is meant as 0.7, which is not the double nearest to the float
    private static double Single(float value) => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static void Refuse(bool refused, string option)
    {
        if (refused)
        {
            throw new NotSupportedException(option);
        }
    }
}
