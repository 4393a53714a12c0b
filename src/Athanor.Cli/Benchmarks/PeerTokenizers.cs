using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Core.Files;

namespace Athanor.Cli.Benchmarks;

/// <summary>
/// The originals through node, where npm has installed them (<c>tokenizers</c>, <c>tiktoken</c>): in the folder that <c>ATHANOR_PEERS</c> names, or the current one. They get the same
/// documents in the same order, but fewer of them, for they are slow.
/// </summary>
internal static class PeerTokenizers
{
    private const int Documents = 600;

    private const string Script = """
        const { createRequire } = require('module'), { readFileSync } = require('fs'), path = require('path');
        const load = createRequire(path.join(process.env.ATHANOR_PEERS || process.cwd(), 'peers.cjs'));
        const { texts, tokenizer } = JSON.parse(readFileSync(0, 'utf8'));
        const bytes = documents => documents.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
        const time = async (documents, encode) => { const start = process.hrtime.bigint(); for (const text of documents) await encode(text); return Number(process.hrtime.bigint() - start) / 1e9; };
        const open = {
          tokenizers: () => { if (!tokenizer.endsWith('.json')) return null; const t = load('tokenizers').Tokenizer.fromFile(tokenizer); return text => t.encode(text, null, { addSpecialTokens: false }); },
          tiktoken: () => { const name = path.basename(tokenizer).match(/^(.*)\.tiktoken$/); if (!name) return null; const t = load('tiktoken').get_encoding(name[1]); return text => t.encode_ordinary(text); },
        };
        (async () => {
          const results = [];
          for (const peer of Object.keys(open)) {
            for (const [text, documents] of Object.entries(texts)) {
              let encode = null;
              try { encode = open[peer](); } catch { }
              if (!encode) continue;
              const half = documents.length >> 1, first = documents.slice(0, half), second = documents.slice(half);
              const cold = await time(first, encode), warm = await time(second, encode);
              results.push({ peer, text, warm: bytes(second) / warm, cold: bytes(documents) / (cold + warm) });
            }
          }
          process.stdout.write(JSON.stringify(results));
        })();
        """;

    /// <summary>What each of them makes of a tokenizer's file; empty where none is installed or none can read it.</summary>
    public static async Task<JsonArray> MeasureAsync(string tokenizer, BenchText text, CancellationToken cancellation)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("athanor-bench");
        try
        {
            string script = Path.Combine(folder.FullName, "bench.cjs");
            AtomicFile.WriteText(script, Script);
            using Process? node = Start(script);
            if (node is null)
            {
                return [];
            }

            string input = JsonSerializer.Serialize(new
            {
                tokenizer = Path.GetFullPath(Directory.Exists(tokenizer) ? Path.Combine(tokenizer, "tokenizer.json") : tokenizer),
                texts = new { documentation = text.Documentation.Take(Documents), mixture = text.Mixture.Take(Documents) },
            });
            Task<string> output = node.StandardOutput.ReadToEndAsync(cancellation);
            await node.StandardInput.WriteAsync(input.AsMemory(), cancellation).ConfigureAwait(false);
            node.StandardInput.Close();
            await node.WaitForExitAsync(cancellation).ConfigureAwait(false);
            return node.ExitCode == 0 ? JsonNode.Parse(await output.ConfigureAwait(false)) as JsonArray ?? [] : [];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Process? Start(string script)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("node", [script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
