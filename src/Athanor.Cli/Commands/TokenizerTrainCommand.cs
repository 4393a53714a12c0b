using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Progress;
using Athanor.Core.Errors;
using Athanor.Corpora.Sources;
using Athanor.Tokenization.Training;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor tokenizer train PATHS…</c>: learns a tokenizer from the user's files, within a memory limit; interrupted work goes on.</summary>
internal static class TokenizerTrainCommand
{
    private static readonly Dictionary<string, VocabularyKind> Kinds = new()
    {
        ["bpe"] = VocabularyKind.BytePairs,
        ["unigram"] = VocabularyKind.Unigram,
        ["wordpiece"] = VocabularyKind.WordPiece,
        ["wordlevel"] = VocabularyKind.WordLevel,
    };

    public static Command Create()
    {
        Argument<string[]> paths = new("PATHS") { Arity = ArgumentArity.OneOrMore, Description = "Files and folders of text: .txt, .md, .jsonl (also .gz, .zst), .parquet." };
        Option<string> output = new("--output", "-o") { Description = "The folder for the tokenizer.", HelpName = "folder", Required = true };
        Option<string> model = new("--model") { Description = "The kind of vocabulary: bpe, unigram, wordpiece or wordlevel.", HelpName = "kind", DefaultValueFactory = _ => "bpe" };
        Option<int> vocabulary = new("--vocabulary") { Description = "How many tokens the vocabulary has.", HelpName = "tokens", DefaultValueFactory = _ => 32_000 };
        Option<string> format = new("--format") { Description = "The format to write: tokenizer.json or sentencepiece.", HelpName = "format", DefaultValueFactory = _ => "tokenizer.json" };
        Option<string?> memory = new("--memory") { Description = "The most memory to use, such as 1GB: what does not fit waits on disk. The result is the same.", HelpName = "size" };
        Option<int> threads = new("--threads") { Description = "How many threads work (default: all cores). The result is the same.", HelpName = "number" };
        Option<string> field = new("--field") { Description = "The key (.jsonl) or column (.parquet) that holds the text.", HelpName = "name", DefaultValueFactory = _ => "text" };
        Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
        Command command = new("train", "Learn a tokenizer from text of any length.") { paths, output, model, vocabulary, format, memory, threads, field, json };
        command.SetAction((result, cancellation) =>
        {
            TextFiles files = new(result.GetRequiredValue(paths), result.GetRequiredValue(field));
            TokenizerTrainingOptions options = new()
            {
                Kind = Choice(Kinds, result.GetRequiredValue(model), "--model"),
                VocabularySize = result.GetValue(vocabulary),
                SentencePiece = Choice(new Dictionary<string, bool> { ["tokenizer.json"] = false, ["sentencepiece"] = true }, result.GetRequiredValue(format), "--format"),
                MemoryLimit = result.GetValue(memory) is string size ? ReadSize(size) : null,
                Threads = result.GetValue(threads) is int number and > 0 ? number : Environment.ProcessorCount,
                TextBytes = files.TextBytes,
                Source = Describe(files, result.GetRequiredValue(field)),
            };
            return Task.FromResult(Train(files, options, result.GetRequiredValue(output), result.GetValue(json), result.InvocationConfiguration, cancellation));
        });
        return command;
    }

    /// <summary>Bytes as people write them: 500MB, 1GB, 1.5GiB.</summary>
    internal static long ReadSize(string text)
    {
        string trimmed = text.Trim();
        string number = trimmed.TrimEnd('B', 'b', 'i', 'K', 'k', 'M', 'm', 'G', 'g', 'T', 't', ' ');
        double? factor = trimmed[number.Length..].Trim().ToUpperInvariant() switch
        {
            "KB" or "K" => 1e3,
            "MB" or "M" => 1e6,
            "GB" or "G" => 1e9,
            "TB" or "T" => 1e12,
            "KIB" => 1L << 10,
            "MIB" => 1L << 20,
            "GIB" => 1L << 30,
            "TIB" => 1L << 40,
            "B" or "" => 1,
            _ => null,
        };
        return factor is double unit && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value * unit is >= 1e6 and < 1e18
            ? (long)(value * unit)
            : throw new AthanorException($"{TerminalText.Safe(text)} is no amount of memory", "write it as 512MB, 1GB or 1.5GiB, and at least 1MB");
    }

    private static T Choice<T>(Dictionary<string, T> choices, string name, string option) => choices.TryGetValue(name, out T? value)
        ? value
        : throw new AthanorException($"{option} cannot be {TerminalText.Safe(name)}", $"choose {string.Join(", ", choices.Keys)}");

    // A checkpoint counts for the same files with the same contents, as far as names, lengths and times tell
    private static string Describe(TextFiles files, string field) => $"{field}\n" + string.Join(
        '\n',
        files.Files.Select(file => new FileInfo(file)).Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}")));

    private static int Train(TextFiles files, TokenizerTrainingOptions options, string output, bool json, InvocationConfiguration streams, CancellationToken cancellation)
    {
        using ConsoleRunReporter reporter = ConsoleRunReporter.For(json ? streams.Error : streams.Output, TimeProvider.System);
        long started = TimeProvider.System.GetTimestamp();
        try
        {
            HashSet<string> warned = [];
            void Warn(string fault)
            {
                if (warned.Add(fault))
                {
                    reporter.Warn(fault);
                }
            }

            (string path, int tokens) = TokenizerTrainer.Train(files.Read(Warn, cancellation), options, output, reporter, TimeProvider.System, cancellation);
            reporter.Dispose();
            TimeSpan taken = TimeProvider.System.GetElapsedTime(started);
            streams.Output.WriteLine(json
                ? JsonSerializer.Serialize(new { path, tokens, seconds = Math.Round(taken.TotalSeconds, 3) })
                : $"{tokens:N0} tokens in {Quantities.Duration(taken)}: {path}");
            return CommandFrame.Done;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            reporter.Dispose();
            streams.Error.WriteLine("stopped; the same command goes on where it stopped");
            return CommandFrame.Interrupted;
        }
    }
}
