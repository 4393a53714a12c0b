using System.CommandLine;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Cli.Benchmarks;
using Athanor.Tokenization;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor bench tokenizer</c>: the speed of encoding over a text that the command builds itself.</summary>
internal static class BenchTokenizerCommand
{
    private const long Seed = 20260101;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        Argument<string[]> tokenizers = new("TOKENIZER") { Arity = ArgumentArity.ZeroOrMore, Description = "Tokenizer files or folders." };
        Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
        Command command = new("tokenizer", "Time tokenizers on the SDK's documentation, its source-like files and text in many scripts.") { tokenizers, json };
        command.SetAction((result, cancellation) =>
        {
            TextWriter output = result.InvocationConfiguration.Output;
            BenchText text = BenchText.Build(Seed, cancellation);
            JsonObject report = new()
            {
                ["text_digest"] = text.Digest,
                ["documentation_bytes"] = BenchText.Bytes(text.Documentation),
                ["source_bytes"] = text.SourceLength,
                ["scripts_bytes"] = text.ScriptsLength,
                ["sha256_mb_per_second"] = Math.Round(Sha256(text.Mixture)),
                ["results"] = new JsonArray([.. result.GetValue(tokenizers)!.SelectMany(path => Measure(path, text, cancellation))]),
            };
            output.WriteLine(report.ToJsonString(Indented));
            return Task.FromResult(0);
        });
        return command;
    }

    private static double Sha256(IReadOnlyList<string> documents)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(documents));
        SHA256.HashData(bytes);
        return Best(3, () => bytes.Length, () => SHA256.HashData(bytes));
    }

    private static IEnumerable<JsonNode> Measure(string path, BenchText text, CancellationToken cancellation)
    {
        foreach ((string part, IReadOnlyList<string> documents) in new[] { ("documentation", text.Documentation), ("mixture", text.Mixture) })
        {
            int half = documents.Count / 2;
            string[] first = [.. documents.Take(half)];
            string[] second = [.. documents.Skip(half)];
            double warm = 0;
            double cold = 0;
            for (int round = 0; round < 3; round++)
            {
                cancellation.ThrowIfCancellationRequested();
                Tokenizer tokenizer = Tokenizer.Load(path);
                cold = Math.Max(cold, Rate(tokenizer, documents));
                tokenizer = Tokenizer.Load(path);
                Rate(tokenizer, first);
                warm = Math.Max(warm, Rate(tokenizer, second));
            }

            yield return new JsonObject { ["tokenizer"] = path, ["text"] = part, ["warm_mb_per_second"] = Math.Round(warm, 1), ["cold_mb_per_second"] = Math.Round(cold, 1) };
        }
    }

    private static double Rate(Tokenizer tokenizer, IReadOnlyList<string> documents)
    {
        List<int> ids = [];
        long bytes = BenchText.Bytes(documents);
        long start = Stopwatch.GetTimestamp();
        foreach (string document in documents)
        {
            ids.Clear();
            tokenizer.Encode(document, ids);
        }

        return bytes / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Best(int rounds, Func<long> bytes, Action work)
    {
        double best = 0;
        for (int round = 0; round < rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            best = Math.Max(best, bytes() / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
