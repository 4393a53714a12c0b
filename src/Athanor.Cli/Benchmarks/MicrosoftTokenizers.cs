using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Athanor.Cli.Benchmarks;

/// <summary>Microsoft.ML.Tokenizers with a vocabulary it can read: tiktoken's rank files, and <c>vocab.json</c> with <c>merges.txt</c>.</summary>
internal static class MicrosoftTokenizers
{
    // The expressions that belong to the vocabularies, by the name of tiktoken's file
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private static readonly Dictionary<string, string> Expressions = new()
    {
        ["r50k_base"] = Gpt2,
        ["p50k_base"] = Gpt2,
        ["cl100k_base"] = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ["o200k_base"] = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
            + @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
            + @"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    };

    /// <summary>What opens a new tokenizer; null where it cannot read the file.</summary>
    public static Func<IBenchEncoder>? For(string path)
    {
        string vocabulary = Path.Combine(path, "vocab.json");
        string merges = Path.Combine(path, "merges.txt");
        if (File.Exists(vocabulary) && File.Exists(merges))
        {
            RegexPreTokenizer words = new(new Regex(Gpt2, RegexOptions.Compiled), null);
            return () => new Encoder(BpeTokenizer.Create(new BpeOptions(vocabulary, merges) { ByteLevel = true, PreTokenizer = words }));
        }

        if (path.EndsWith(".tiktoken", StringComparison.Ordinal) && Expressions.TryGetValue(Path.GetFileNameWithoutExtension(path), out string? expression))
        {
            RegexPreTokenizer words = new(new Regex(expression, RegexOptions.Compiled), null);
            return () => new Encoder(TiktokenTokenizer.Create(path, words, null));
        }

        return null;
    }

    private sealed class Encoder(Tokenizer tokenizer) : IBenchEncoder
    {
        public long Encode(ReadOnlySpan<string> documents)
        {
            long tokens = 0;
            foreach (string document in documents)
            {
                tokens += tokenizer.EncodeToIds(document).Count;
            }

            return tokens;
        }
    }
}
