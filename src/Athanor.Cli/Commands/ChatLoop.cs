using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Athanor.Cli.CommandLine;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Generation.Chat;
using Athanor.Generation.Decoding;

namespace Athanor.Cli.Commands;

/// <summary>
/// Reads questions and commands line by line and writes answers as they come. Ctrl-C stops the answer; with no answer running the second one in a row
/// leaves. On a pipe only the answers are written, a command's words go to the error output.
/// </summary>
internal sealed class ChatLoop(ChatSession session, TextReader input, TextWriter output, TextWriter error, bool interactive) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] Commands = ["/help", "/reset", "/system", "/temperature", "/seed", "/max-tokens", "/memory", "/retry", "/save", "/exit"];

    private readonly bool _colours = interactive && Environment.GetEnvironmentVariable("NO_COLOR") is null or "" && Environment.GetEnvironmentVariable("TERM") != "dumb";
    private readonly CancellationTokenSource _leave = new();
    private readonly Lock _gate = new();
    private CancellationTokenSource? _answering;
    private bool _warned;
    private int _forgotten;

    public void Introduce(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            Note(line);
        }
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        using IDisposable interception = Interruption.Intercept(Interrupt);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _leave.Token);
        try
        {
            while (await ReadAsync(stop.Token).ConfigureAwait(false) is { } line)
            {
                Volatile.Write(ref _warned, false);
                if (string.IsNullOrWhiteSpace(line))
                {
                    continue;
                }

                try
                {
                    if (!line.StartsWith('/'))
                    {
                        await AnswerAsync(session.AskAsync, line, stop.Token).ConfigureAwait(false);
                    }
                    else if (!await ObeyAsync(line, stop.Token).ConfigureAwait(false))
                    {
                        return;
                    }
                }
                catch (AthanorException fault)
                {
                    Note($"{fault.Message}: {fault.Cure}");
                }
            }
        }
        catch (OperationCanceledException) when (_leave.IsCancellationRequested)
        {
            // leaving is no fault
        }

        if (interactive)
        {
            await output.WriteLineAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What Ctrl-C does.</summary>
    /// <returns>True: it was dealt with.</returns>
    internal bool Interrupt()
    {
        lock (_gate)
        {
            if (_answering is not null)
            {
                _answering.Cancel();
                return true;
            }
        }

        if (Volatile.Read(ref _warned))
        {
            _leave.Cancel();
        }
        else
        {
            Volatile.Write(ref _warned, true);
            output.WriteLine();
            Note("(Ctrl-C once more leaves)");
            Prompt();
        }

        return true;
    }

    public void Dispose() => _leave.Dispose();

    private async Task<string?> ReadAsync(CancellationToken cancellation)
    {
        Prompt();
        string text = "";
        while (true)
        {
            // reading a console cannot be cancelled: the thread is left behind when the chat ends
            string? line = await Task.Run(input.ReadLine, CancellationToken.None).WaitAsync(cancellation).ConfigureAwait(false);
            if (line is null)
            {
                return text.Length > 0 ? text : null;
            }

            if (!line.EndsWith('\\'))
            {
                return text + line;
            }

            text += line[..^1] + "\n";
        }
    }

    private async Task AnswerAsync(Func<string, CancellationToken, IAsyncEnumerable<string>> ask, string question, CancellationToken cancellation)
    {
        using CancellationTokenSource answering = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Answering(answering);
        try
        {
            await foreach (string piece in ask(question, answering.Token).ConfigureAwait(false))
            {
                await output.WriteAsync(TerminalText.Safe(piece)).ConfigureAwait(false);
                await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // the person stopped the answer
        }
        finally
        {
            Answering(null);
        }

        await output.WriteLineAsync().ConfigureAwait(false);
        Explain(session.LastAnswer!);
    }

    private void Answering(CancellationTokenSource? source)
    {
        lock (_gate)
        {
            _answering = source;
        }
    }

    private void Explain(GenerationResult answer)
    {
        if (session.LeftOutTurns > _forgotten)
        {
            Note($"(the context was full: the oldest {session.LeftOutTurns} turns are forgotten)");
        }

        _forgotten = session.LeftOutTurns;
        string? note = answer.FinishReason switch
        {
            FinishReason.Cancelled => "(stopped)",
            FinishReason.MaximumTokens => $"(cut after {answer.Tokens.Count:N0} tokens; /max-tokens changes that)",
            FinishReason.ContextFull => "(cut: the context is full; /reset begins anew)",
            _ => answer.Text.Length == 0 ? "(an empty answer; /retry asks again)" : null,
        };
        if (note is not null)
        {
            Note(note);
        }
    }

    /// <returns>False: leave.</returns>
    private async Task<bool> ObeyAsync(string line, CancellationToken cancellation)
    {
        string[] parts = line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string argument = parts.Length > 1 ? parts[1] : "";
        switch (parts[0].ToLowerInvariant())
        {
            case "/help" or "/?":
                Help();
                break;
            case "/reset" or "/clear" or "/new":
                session.Reset();
                _forgotten = 0;
                Note("a new conversation");
                break;
            case "/system":
                session.Instructions = argument.Length > 0 ? argument : null;
                Note(argument.Length > 0 ? "these instructions hold from now on" : "no instructions");
                break;
            case "/temperature":
                Change(settings => settings with { Temperature = Number<double>(argument, "temperature") });
                break;
            case "/seed":
                Change(settings => settings with { Seed = Number<long>(argument, "seed") });
                break;
            case "/max-tokens":
                Change(settings => settings with { MaximumTokens = Number<int>(argument, "max-tokens") });
                break;
            case "/memory":
                Remember(argument);
                break;
            case "/retry" or "/regen":
                await AnswerAsync((_, token) => session.RetryAsync(token), "", cancellation).ConfigureAwait(false);
                break;
            case "/save":
                Save(argument);
                break;
            case "/exit" or "/quit" or "/bye":
                return false;
            default:
                Note($"there is no command {parts[0]}; there are {string.Join(' ', Commands)}");
                break;
        }

        return true;
    }

    private void Help()
    {
        GenerationSettings settings = session.Settings;
        Introduce(
        [
            "/reset            begin a new conversation",
            "/system TEXT      set instructions for the whole conversation; without a text remove them",
            $"/temperature N    0 is the most probable answer, 1 the model's own variety (now {settings.Temperature})",
            $"/seed N           the same seed and questions give the same answers (now {settings.Seed})",
            $"/max-tokens N     the longest answer (now {settings.MaximumTokens})",
            $"/memory N         how many earlier exchanges the model is shown with a question, or all (now {Memory})",
            "/retry            ask the last question again",
            "/save FILE        write the conversation as a line of JSON, as training reads it",
            "/exit             leave (also Ctrl-D)",
            "A line that ends in \\ goes on in the next one.",
        ]);
    }

    private void Change(Func<GenerationSettings, GenerationSettings> change)
    {
        GenerationSettings changed = change(session.Settings);
        changed.Validate();
        session.Settings = changed;
        Note($"temperature {changed.Temperature}, seed {changed.Seed}, at most {changed.MaximumTokens} tokens");
    }

    private string Memory => session.Memory?.ToString(CultureInfo.InvariantCulture) ?? "all";

    private void Remember(string argument)
    {
        int? exchanges = argument == "all" ? null : Number<int>(argument, "memory");
        session.Memory = exchanges is null or >= 0 ? exchanges : throw new AthanorException($"/memory is {exchanges}, below 0", "say /memory 0 for each question on its own, or /memory all");
        Note($"the model is shown {(exchanges == 0 ? "each question on its own" : exchanges is null ? "all earlier exchanges that fit" : $"{exchanges} earlier exchanges")}");
    }

    private void Save(string path)
    {
        if (path.Length == 0)
        {
            throw new AthanorException("/save names no file", "say for example /save chat.jsonl");
        }

        if (Directory.Exists(path))
        {
            throw new AthanorException($"{path} is a folder", "name a file");
        }

        AtomicFile.WriteText(path, JsonSerializer.Serialize(new { session.Messages }, Json) + "\n");
        Note($"saved {session.Messages.Count} turns to {path}");
    }

    private static T Number<T>(string text, string name)
        where T : struct, IParsable<T> => T.TryParse(text, CultureInfo.InvariantCulture, out T number) ? number : throw new AthanorException($"/{name} needs a number, not \"{text}\"", $"say for example /{name} {(name switch { "temperature" => "0.7", "memory" => "2", _ => "100" })}");

    private void Prompt()
    {
        if (interactive)
        {
            output.Write(_colours ? "\e[1;36m> \e[0m" : "> ");
            output.Flush();
        }
    }

    private void Note(string line) => (interactive ? output : error).WriteLine(_colours ? $"\e[2m{line}\e[0m" : line);
}
