using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Athanor.Cli.CommandLine;
using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Generation.Decoding;
using Athanor.Models.LanguageModels;
using Athanor.Tokenization.Chat;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor generate</c>: continues prompts.</summary>
internal static class GenerateCommand
{
    // a continued text may wander more than an answer
    private static readonly GenerationSettings Text = GenerationSettings.Chat with { Temperature = 0.7, TopP = 0.9 };

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <param name="loader">Opens the model; called when the command runs.</param>
    /// <param name="input">Where a prompt <c>-</c> comes from; null for the console.</param>
    public static Command Create(Func<ILanguageModelLoader> loader, TextReader? input = null)
    {
        Argument<string> model = new("MODEL") { Description = "A model's folder, or a run's name or folder (its last model)." };
        Option<string[]> prompts = new("--prompt", "-p") { Description = "The text to continue; - reads it from standard input. May be given several times.", DefaultValueFactory = _ => [] };
        Option<bool> chat = new("--chat") { Description = "Take the prompt as a question in a chat and answer it." };
        Option<string?> system = new("--system") { Description = "Instructions for the chat; needs --chat." };
        Option<int> samples = new("--n", "-n") { Description = "How many answers each prompt gets.", DefaultValueFactory = _ => 1 };
        Option<bool> json = new("--json") { Description = "Print each answer as a line of JSON." };
        SamplingOptions sampling = new();
        Command command = new("generate", "Continue a text with a model.") { model, prompts, chat, system, samples, json };
        sampling.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            string folder = ModelFolder.Find(result.GetRequiredValue(model));
            string[] texts = Prompts(result.GetValue(prompts)!, input);
            if (result.GetValue(system) is not null && !result.GetValue(chat))
            {
                throw new AthanorException("--system is given without --chat", "add --chat: a plain text has no instructions");
            }

            GenerationSettings settings = sampling.Apply(result, GenerationConfig.Read(folder, result.GetValue(chat) ? GenerationSettings.Chat : Text)) with { Samples = result.GetValue(samples) };
            settings.Validate();
            using ILanguageModel opened = loader().Load(folder);
            int[][] tokens;
            if (result.GetValue(chat))
            {
                ChatTemplate template = opened.ChatTemplate;
                string? instructions = result.GetValue(system);
                tokens = [.. texts.Select(text => template.EncodePrompt(instructions is null ? [new(ChatMessage.User, text)] : [new(ChatMessage.System, instructions), new(ChatMessage.User, text)]))];
            }
            else
            {
                tokens = [.. texts.Select(text => Document(opened.ChatTemplate, text))];
            }

            settings = settings with { StopTokens = [.. settings.StopTokens, .. opened.ChatTemplate.StopTokenIds] };
            await WriteAsync(new Generator(opened), texts, tokens, settings, result.GetValue(json), result.InvocationConfiguration.Output, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task WriteAsync(Generator generator, string[] texts, int[][] tokens, GenerationSettings settings, bool json, TextWriter output, CancellationToken cancellation)
    {
        if (!json && tokens.Length == 1 && settings.Samples == 1)
        {
            await foreach (string piece in generator.StreamAsync(tokens[0], settings, cancellation).ConfigureAwait(false))
            {
                await output.WriteAsync(TerminalText.Safe(piece)).ConfigureAwait(false);
                await output.FlushAsync(cancellation).ConfigureAwait(false);
            }

            await output.WriteLineAsync().ConfigureAwait(false);
            return;
        }

        IReadOnlyList<GenerationResult> results = await Task.Run(() => generator.Generate(tokens, settings, cancellation: cancellation), cancellation).ConfigureAwait(false);
        foreach (GenerationResult answer in results)
        {
            await output.WriteLineAsync(json
                ? JsonSerializer.Serialize(new Line(texts[answer.Prompt], answer.Sample, answer.Text, answer.FinishReason, answer.PromptTokens, answer.Tokens), Json)
                : $"{Heading(answer, texts, settings)}{TerminalText.Safe(answer.Text)}").ConfigureAwait(false);
        }
    }

    private static string Heading(GenerationResult answer, string[] texts, GenerationSettings settings) =>
        (answer.Prompt + answer.Sample == 0 ? "" : "\n")
        + (texts.Length > 1 ? $"--- prompt {answer.Prompt + 1}" : "---")
        + (settings.Samples > 1 ? $" answer {answer.Sample + 1}\n" : "\n");

    // a text begins as documents began in training
    private static int[] Document(ChatTemplate template, string text) => template.BeginTokenId is null ? template.Tokenizer.Encode(text) : template.EncodeText(text);

    private static string[] Prompts(string[] given, TextReader? input)
    {
        if (given.Length == 0)
        {
            given = input is not null || Console.IsInputRedirected ? ["-"] : throw new AthanorException("there is no prompt", "give one with --prompt \"TEXT\", or --prompt - to read it from standard input");
        }

        if (given.Count(prompt => prompt == "-") > 1)
        {
            throw new AthanorException("two prompts are to come from standard input", "give - once");
        }

        return [.. given.Select(prompt => prompt == "-" ? (input ?? Console.In).ReadToEnd().TrimEnd('\r', '\n') : prompt)];
    }

    private sealed record Line(string Prompt, int Sample, string Text, FinishReason FinishReason, int PromptTokens, IReadOnlyList<int> Tokens);
}
