using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Tokenization.Chat;

namespace Athanor.Generation.Chat;

/// <summary>Fits a conversation into a model's context.</summary>
internal static class Conversation
{
    /// <summary>
    /// The prompt of a conversation that leaves room for an answer. Where it is too long, the oldest turns are left out (the instructions stay), so that
    /// it begins with a question again.
    /// </summary>
    /// <param name="template">Turns turns into tokens.</param>
    /// <param name="messages">The turns, the last the user's.</param>
    /// <param name="contextLength">The model's context in tokens.</param>
    /// <param name="room">How many tokens the answer should have at least, as far as leaving out turns can give them.</param>
    /// <param name="leftOut">How many turns were left out.</param>
    /// <exception cref="AthanorException">The last question alone is too long.</exception>
    public static int[] Fit(ChatTemplate template, IReadOnlyList<ChatMessage> messages, int contextLength, int room, out int leftOut)
    {
        List<ChatMessage> kept = [.. messages];
        int first = kept.Count > 0 && kept[0].Role == ChatMessage.System ? 1 : 0;
        leftOut = 0;
        int[] prompt = template.EncodePrompt(kept);
        while (prompt.Length > contextLength - room && kept.Count > first + 1)
        {
            do
            {
                kept.RemoveAt(first);
                leftOut++;
            }
            while (kept.Count > first + 1 && kept[first].Role != ChatMessage.User);

            prompt = template.EncodePrompt(kept);
        }

        if (prompt.Length >= contextLength)
        {
            throw new AthanorException(
                $"the message needs {prompt.Length:N0} tokens{(first == 1 ? " together with the instructions" : "")}, but the model's context holds {contextLength:N0}, question and answer together",
                first == 1 ? "shorten the message or the instructions" : "shorten the message");
        }

        return prompt;
    }

    /// <summary>How many tokens an answer should have room for: what it may have, but at most a quarter of the context, so that turns are kept.</summary>
    public static int Room(int maximumTokens, int contextLength) => Math.Min(maximumTokens, Math.Max(1, contextLength / 4));
}
