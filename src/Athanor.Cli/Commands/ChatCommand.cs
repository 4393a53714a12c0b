using System.CommandLine;
using Athanor.Cli.CommandLine;
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
                loop.Introduce(ChatHeader.Lines(opened.Info, ModelFolder.Made(folder)?.Manifest, ModelIntroduction.Read(folder) ?? MeasuredAbilities.Introduction(folder)));
            }

            await loop.RunAsync(cancellation).ConfigureAwait(false);
        });
        return command;
    }
}
