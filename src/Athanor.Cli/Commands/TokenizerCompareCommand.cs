using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Cli.Benchmarks;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Progress;
using Athanor.Core.Randomness;
using Athanor.Corpora.Sources;
using Athanor.Reporting;
using Athanor.Tokenization;
using Athanor.Tokenization.Comparison;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor tokenizer compare A B --text …</c>: tokenizers on the same texts, in figures and as a page.</summary>
internal static class TokenizerCompareCommand
{
    private const long Seed = 20260101;
    private const int SampleBytes = 1_000_000;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        Argument<string[]> tokenizers = new("TOKENIZER") { Arity = ArgumentArity.OneOrMore, Description = "Tokenizer files of any format, or folders that hold one." };
        Option<string[]> text = new("--text") { Description = "Files and folders (.txt, .md, .jsonl, .parquet), each counted as a source of its own; left out: the SDK's documentation and made-up text in many scripts.", HelpName = "path", AllowMultipleArgumentsPerToken = true };
        Option<string?> output = new("--output", "-o") { Description = "Write the comparison as an HTML page, too.", HelpName = "page.html" };
        Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
        Command command = new("compare", "Compare tokenizers on the same texts: bytes per token, tokens per word, unused vocabulary, time.") { tokenizers, text, output, json };
        command.SetAction(async (result, cancellation) =>
        {
            (string, string)[] texts = [.. Texts(result.GetValue(text) ?? [], result.InvocationConfiguration.Error, cancellation)];
            string[] paths = result.GetRequiredValue(tokenizers);
            TokenizerComparison[] comparisons = [.. paths.Select(path => TokenizerComparison.Of(NameOf(path, paths), Tokenizer.Load(path), texts, cancellation))];
            if (result.GetValue(output) is string page)
            {
                await TokenizerComparisonPage.WriteAsync(page, comparisons).ConfigureAwait(false);
            }

            Print(comparisons, result.GetValue(json), result.InvocationConfiguration.Output);
            return CommandFrame.Done;
        });
        return command;
    }

    private static IEnumerable<(string Source, string Text)> Texts(string[] paths, TextWriter error, CancellationToken cancellation)
    {
        if (paths.Length > 0)
        {
            return paths.SelectMany(path => new TextFiles([path]).Read(fault => error.WriteLine($"warning: {fault}"), cancellation).Select(document => (Path.GetFileName(Path.TrimEndingDirectorySeparator(path)), document)));
        }

        BenchText built = BenchText.Build(Seed, cancellation);
        IEnumerable<string> documentation = built.Documentation.Take(SampleBytes / BenchText.DocumentBytes);
        return [.. documentation.Select(document => ("documentation", document)), .. ManyScripts.Text(SampleBytes, new RandomStreams(Seed)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(passage => ("made-up scripts", passage))];
    }

    // a folder's or file's own name; where two are called the same, the folder above tells them apart
    private static string NameOf(string path, string[] all)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
        return name == Tokenizer.FileName || all.Count(other => Path.GetFileName(Path.TrimEndingDirectorySeparator(other)) == name) > 1 ? Path.Combine(Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) ?? "", name) : name;
    }

    private static void Print(TokenizerComparison[] comparisons, bool json, TextWriter output)
    {
        if (json)
        {
            output.WriteLine(new JsonArray([.. comparisons.Select(one => JsonSerializer.SerializeToNode(one, Json))]).ToJsonString(Json));
            return;
        }

        int width = comparisons.Max(one => one.Name.Length) + 2;
        foreach ((string title, Func<TokenizerComparison, IEnumerable<TextCoverage>> coverages) in new (string, Func<TokenizerComparison, IEnumerable<TextCoverage>>)[] { ("source", one => one.Sources), ("script", one => one.ByScript), ("", one => [one.Whole]) })
        {
            output.WriteLine($"{title,-24}{string.Concat(comparisons.Select(one => one.Name.PadLeft(Math.Max(width, 20))))}");
            string[] names = [.. coverages(comparisons[0]).Select(coverage => coverage.Name)];
            for (int row = 0; row < names.Length; row++)
            {
                output.WriteLine($"{names[row],-24}{string.Concat(comparisons.Select(one => Cell(coverages(one).ElementAt(row)).PadLeft(Math.Max(width, 20))))}");
            }

            output.WriteLine();
        }

        foreach (TokenizerComparison one in comparisons)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{one.Name}: {one.VocabularySize:N0} ids, {one.UnusedTokens:N0} never used here, {one.RareTokens:N0} fewer than {TokenizerComparison.RareUses} times; {one.Whole.Bytes / 1e6 / one.Seconds:0.0} MB/s on one core ({Quantities.Duration(TimeSpan.FromSeconds(one.Seconds))})"));
        }

        output.WriteLine("(bytes a token · tokens a word)");
    }

    private static string Cell(TextCoverage coverage) => string.Create(CultureInfo.InvariantCulture, $"{coverage.BytesPerToken:0.00} · {coverage.TokensPerWord:0.00}");
}
