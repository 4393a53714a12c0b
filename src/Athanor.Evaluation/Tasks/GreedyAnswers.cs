using Athanor.Core.Documents;
using Athanor.Core.Stages;
using Athanor.Generation.Decoding;
using Athanor.Models.LanguageModels;
using Athanor.Tokenization.Chat;

namespace Athanor.Evaluation.Tasks;

/// <summary>What a model wrote.</summary>
/// <param name="Text">The answer without special tokens.</param>
/// <param name="Note">What happened on the way, or null.</param>
internal sealed record GreedyAnswer(string Text, string? Note);

/// <summary>Lets a model answer many conversations at once, always by the likeliest token, so that an answer depends on its conversation alone.</summary>
internal static class GreedyAnswers
{
    /// <summary>Answers every conversation; the answers stand in the conversations' order.</summary>
    public static IReadOnlyList<GreedyAnswer> Write(
        ILanguageModel model,
        IReadOnlyList<IReadOnlyList<ChatMessage>> conversations,
        int maximumTokens,
        int batchSize,
        IProgressTask? progress,
        CancellationToken cancellation)
    {
        ChatTemplate template = model.ChatTemplate;
        int room = Math.Max(1, model.Info.ContextLength - maximumTokens);
        int[][] whole = [.. conversations.Select(template.EncodePrompt)];

        // what is too long loses its beginning; neighbours of about one length leave no gaps in a batch
        int[][] prompts = [.. whole.Select(prompt => prompt.Length <= room ? prompt : prompt[^room..])];
        int[] order = [.. Enumerable.Range(0, prompts.Length).OrderBy(index => prompts[index].Length)];
        GenerationSettings settings = GenerationSettings.Greedy with { MaximumTokens = maximumTokens, StopTokens = template.StopTokenIds };
        IReadOnlyList<GenerationResult> results = new Generator(model, batchSize) { Independent = true }.Generate([.. order.Select(index => prompts[index])], settings, progress, cancellation);
        GreedyAnswer[] answers = new GreedyAnswer[prompts.Length];
        foreach (GenerationResult result in results)
        {
            int index = order[result.Prompt];
            string? note = result.FinishReason is FinishReason.StopToken ? null : $"cut off after {result.Tokens.Count} tokens";
            if (whole[index].Length > room)
            {
                note = $"the question lost its first {whole[index].Length - room} tokens{(note is null ? "" : $"; {note}")}";
            }

            answers[index] = new GreedyAnswer(result.Text, note);
        }

        return answers;
    }
}
