using System.CommandLine;
using System.Text;
using Athanor.Core.Documents;
using Athanor.Tokenization;
using Athanor.Tokenization.Vocabulary;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor tokenizer trim</c>: a vocabulary without what a corpus does not need, and a model with it.</summary>
internal static class TokenizerTrimCommand
{
    public static Command Create()
    {
        Argument<string> tokenizer = new("TOKENIZER") { Description = "The tokenizer to trim." };
        Option<string[]> corpus = new("--corpus") { Required = true, AllowMultipleArgumentsPerToken = true, Description = "Files of text: .jsonl (also .gz, .zst) with one document per line; any other file is read as plain text." };
        Option<long> uses = new("--least-uses") { DefaultValueFactory = _ => 1, Description = "Keep tokens that the corpus uses at least this often." };
        VocabularyOutput output = new();
        Command command = new("trim", "Keep only the tokens that a corpus needs.") { tokenizer, output.Folder, corpus, uses, output.Model, output.Json };
        command.SetAction((result, cancellation) =>
        {
            Tokenizer loaded = Tokenizer.Load(result.GetValue(tokenizer)!);
            output.Write(result, VocabularyTrimming.Trim(loaded, result.GetValue(corpus)!.SelectMany(Texts), result.GetValue(uses), cancellation), loaded.VocabularySize);
            return Task.FromResult(0);
        });
        return command;
    }

    private static IEnumerable<string> Texts(string path) => path.Contains(".jsonl", StringComparison.Ordinal)
        ? JsonLines.Read<Document>(path).Select(document => document.Text)
        : LineFile.Read(path).Select(line => Encoding.UTF8.GetString(line.Bytes.Span) + "\n");
}
