using System.CommandLine;
using Athanor.Cli.CommandLine;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Generation.Chat;
using Athanor.Generation.Decoding;
using Athanor.Models.LanguageModels;

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
        Option<int?> memory = new("--memory") { Description = "How many earlier exchanges the model is shown with a question; without it as many as its training suits, or all that fit." };
        SamplingOptions sampling = new();
        Command command = new("chat", "Talk with a model. On a pipe it reads one question per line and prints the answers.") { model, system, memory };
        sampling.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            string folder = ModelFolder.Find(result.GetRequiredValue(model));
            GenerationSettings settings = sampling.Apply(result, GenerationConfig.Read(folder, GenerationSettings.Chat));
            using ILanguageModel opened = loader().Load(folder);
            ModelIntroduction? introduction = ModelIntroduction.Read(folder) ?? MeasuredAbilities.Introduction(folder);
            if (result.GetValue(memory) < 0)
            {
                throw new AthanorException($"--memory is {result.GetValue(memory)}, below 0", "give 0 (each question on its own) or more");
            }

            // a template that refuses to be asked at all, or with instructions, says so before the first question
            string? instructions = result.GetValue(system);
            opened.ChatTemplate.EncodePrompt(instructions is null ? [new(ChatMessage.User, "?")] : [new(ChatMessage.System, instructions), new(ChatMessage.User, "?")]);
            using ChatSession session = new(opened, opened.ChatTemplate, settings, instructions) { Memory = result.GetValue(memory) ?? introduction?.Memory };
            bool interactive = input is null && !Console.IsInputRedirected && !Console.IsOutputRedirected;
            using ChatLoop loop = new(session, input ?? Console.In, result.InvocationConfiguration.Output, result.InvocationConfiguration.Error, interactive);
            if (interactive)
            {
                loop.Introduce(ChatHeader.Lines(opened.Info with { Name = Title(folder) }, ModelFolder.Made(folder)?.Manifest, introduction, session.Memory));
            }

            await loop.RunAsync(cancellation).ConfigureAwait(false);
        });
        return command;
    }

    // a stage's model is called tune in every run: the run's name tells it from others
    private static string Title(string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return ModelFolder.Made(folder) is null ? Path.GetFileName(full) : $"{Path.GetFileName(Path.GetDirectoryName(full))}/{Path.GetFileName(full)}";
    }
}
