using System.CommandLine;
using Athanor.Cli.CommandLine;
using Athanor.Core.Artifacts;
using Athanor.Generation.Chat;
using Athanor.Generation.Decoding;
using Athanor.Models.LanguageModels;
using Athanor.Tokenization.Chat;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor chat</c>: a conversation with a model.</summary>
internal static class ChatCommand
{
    /// <param name="loader">Opens the model; called when the command runs.</param>
    /// <param name="input">Where questions come from; null for the console.</param>
    public static Command Create(Func<ILanguageModelLoader> loader, TextReader? input = null)
    {
        Argument<string> model = new("MODEL") { Description = "A model's folder, or a run's name or folder (its last model)." };
        Option<string?> system = new("--system") { Description = "Instructions that hold for the whole conversation." };
        SamplingOptions sampling = new();
        Command command = new("chat", "Talk with a model. Piped, it reads a question a line and prints the answers.") { model, system };
        sampling.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            string folder = ModelFolder.Find(result.GetRequiredValue(model));
            GenerationSettings settings = sampling.Apply(result, GenerationConfig.Read(folder, GenerationSettings.Chat));
            using ILanguageModel opened = loader().Load(folder);
            using ChatSession session = new(opened, ChatTemplate.For(opened.Tokenizer), settings, result.GetValue(system));
            bool interactive = input is null && !Console.IsInputRedirected && !Console.IsOutputRedirected;
            using ChatLoop loop = new(session, input ?? Console.In, result.InvocationConfiguration.Output, result.InvocationConfiguration.Error, interactive);
            if (interactive)
            {
                loop.Introduce(ChatHeader.Lines(opened.Info, ModelFolder.Made(folder)?.Manifest, ModelIntroduction.Read(folder)));
            }

            await loop.RunAsync(cancellation).ConfigureAwait(false);
        });
        return command;
    }
}

/// <summary>What a chat says before the first question.</summary>
internal static class ChatHeader
{
    public static IEnumerable<string> Lines(LanguageModelInfo model, ArtifactManifest? made, ModelIntroduction? introduction)
    {
        yield return $"{TerminalText.Safe(model.Name)}: {Count(model.Parameters)} parameters, a context of {model.ContextLength:N0} tokens";
        if (made is { Cost.Tokens: > 0 })
        {
            yield return $"its last training: {Count(made.Cost.Tokens)} tokens in {Time(made.Cost.Seconds)}";
        }

        if (made?.Stage == "model.pretrain")
        {
            yield return "it has only been pre-trained and continues text; answers come from a tuned model (model.tune)";
        }

        if (introduction is { Learnt.Count: > 0 })
        {
            yield return "it has learnt:";
            foreach (string line in introduction.Learnt)
            {
                yield return $"  {TerminalText.Safe(line)}";
            }
        }

        yield return "try:";
        foreach (string question in introduction is { Questions.Count: > 0 } ? introduction.Questions : ["Hello!", "What can you do?", "Step by step: 7 + 8 - 3 + 9 = ?"])
        {
            yield return $"  {TerminalText.Safe(question)}";
        }

        yield return "/help lists the commands; Ctrl-C stops an answer, twice leaves";
    }

    private static string Count(double count) => count switch
    {
        >= 1e9 => $"{count / 1e9:0.0} billion",
        >= 1e6 => $"{count / 1e6:0.0} million",
        >= 1e4 => $"{count / 1e3:0} thousand",
        _ => $"{count:N0}",
    };

    private static string Time(double seconds) => seconds switch
    {
        >= 7200 => $"{seconds / 3600:0.0} hours",
        >= 120 => $"{seconds / 60:0} minutes",
        _ => $"{seconds:0} seconds",
    };
}
