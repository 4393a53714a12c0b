using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Cli.Benchmarks;
using Athanor.Core.Errors;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor bench tokenizer</c>: the speed of encoding over a text that the command builds itself, with SHA-256 of the same bytes beside it.</summary>
internal static class BenchTokenizerCommand
{
    private const long Seed = 20260101;

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Command Create()
    {
        Argument<string[]> tokenizers = new("TOKENIZER") { Arity = ArgumentArity.OneOrMore, Description = "Tokenizer files of any format, or folders that hold one." };
        Option<bool> peers = new("--peers") { Description = "Time Hugging Face tokenizers and tiktoken too, through node, where npm has installed them." };
        Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
        Command command = new("tokenizer", "Time tokenizers on the SDK's documentation, its source-like files and made-up text in many scripts.") { tokenizers, peers, json };
        command.SetAction(async (result, cancellation) =>
        {
            string[] paths = result.GetValue(tokenizers)!;
            foreach (string path in paths)
            {
                _ = File.Exists(path) || Directory.Exists(path) ? path : throw new AthanorException($"{path} does not exist", "name a tokenizer file of any format, or a folder that holds one");
            }

            BenchText text = BenchText.Build(Seed, cancellation);
            TokenizerBench bench = new(text, cancellation);
            JsonArray results = [];
            foreach (string path in paths)
            {
                // Beside each tokenizer, for a machine's speed changes with its other work
                double sha256 = Sha256(text.Mixture);
                JsonObject figures = JsonSerializer.SerializeToNode(bench.Measure(path), Format)!.AsObject();
                figures.Insert(1, "sha256_mb_per_second", sha256);
                if (result.GetValue(peers))
                {
                    figures["peers"] = await PeerTokenizers.MeasureAsync(path, text, cancellation).ConfigureAwait(false);
                }

                Round(figures);
                results.Add(figures);
            }

            JsonObject report = new()
            {
                ["text_digest"] = text.Digest,
                ["documentation_bytes"] = BenchText.Bytes(text.Documentation),
                ["source_bytes"] = text.SourceLength,
                ["scripts_bytes"] = text.ScriptsLength,
                ["unit"] = "MB/s: 10^6 bytes of UTF-8 a second",
                ["tokenizers"] = results,
            };
            TextWriter output = result.InvocationConfiguration.Output;
            if (result.GetValue(json))
            {
                output.WriteLine(report.ToJsonString(Format));
            }
            else
            {
                Write(report, output);
            }

            return 0;
        });
        return command;
    }

    private static double Sha256(IReadOnlyList<string> documents)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(documents));
        double best = 0;
        for (int round = 0; round < 3; round++)
        {
            long start = Stopwatch.GetTimestamp();
            SHA256.HashData(bytes);
            best = Math.Max(best, bytes.Length / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private static void Round(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach ((string name, JsonNode? value) in members.ToArray())
                {
                    if (value is JsonValue number && number.TryGetValue(out double digits))
                    {
                        members[name] = Math.Round(digits, 2);
                    }

                    Round(value);
                }

                break;
            case JsonArray items:
                foreach (JsonNode? item in items)
                {
                    Round(item);
                }

                break;
        }
    }

    private static void Write(JsonObject report, TextWriter output)
    {
        output.WriteLine($"text {report["text_digest"]}: {report["documentation_bytes"]} bytes of documentation, {report["source_bytes"]} of source-like files, {report["scripts_bytes"]} in many scripts");
        foreach (JsonNode? tokenizer in report["tokenizers"]!.AsArray())
        {
            output.WriteLine();
            output.WriteLine($"{tokenizer!["tokenizer"]}: loaded in {tokenizer["load_milliseconds"]} ms, {tokenizer["allocated_bytes_per_call"]} bytes allocated a call; SHA-256 {tokenizer["sha256_mb_per_second"]} MB/s");
            output.WriteLine("                            text           warm     cold   warm on two threads (MB/s)");
            Write("Athanor", tokenizer["rates"], output);
            Write("Microsoft.ML.Tokenizers", tokenizer["microsoft"], output);
            foreach (JsonNode? peer in tokenizer["peers"] as JsonArray ?? [])
            {
                Write($"{peer!["peer"]} (node)", new JsonArray(peer.DeepClone()), output);
            }

            foreach (JsonNode? hard in tokenizer["hard_texts"]!.AsArray())
            {
                output.WriteLine($"  a megabyte of {hard!["text"]}: {hard["milliseconds"]} ms, {hard["tokens"]} tokens");
            }
        }
    }

    private static void Write(string name, JsonNode? rates, TextWriter output)
    {
        foreach (JsonNode? rate in rates as JsonArray ?? [])
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-25} {rate!["text"],-14} {rate["warm"],8} {rate["cold"],8} {rate["warm_two_threads"],8}"));
        }
    }
}
