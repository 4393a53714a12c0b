using System.CommandLine;
using System.Text.Json.Nodes;
using Athanor.Cli.CommandLine;
using Athanor.Tokenization;
using Athanor.Tokenization.Conversion;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor tokenizer convert</c>: a tokenizer of another format as <c>tokenizer.json</c>, where that is exact.</summary>
internal static class TokenizerConvertCommand
{
    public static Command Create()
    {
        Argument<string> source = new("TOKENIZER") { Description = "A tiktoken rank file, a SentencePiece .model, a GGUF file, vocab.json with merges.txt, a BERT vocab.txt, or a folder with one of them." };
        Argument<string> output = new("OUTPUT") { Description = "The tokenizer.json file to write." };
        Option<bool> allow = new("--allow-differences") { Description = "Write it even where some strings would get other ids; they are listed." };
        Option<bool> json = new("--json") { Description = "Print JSON for scripts." };
        Command command = new("convert", "Write a tokenizer as tokenizer.json, if that gives the same ids.") { source, output, allow, json };
        command.SetAction((result, cancellation) =>
        {
            Tokenizer tokenizer = Tokenizer.Load(result.GetValue(source)!);
            string path = result.GetValue(output)!;
            IReadOnlyList<ConversionDifference> differences = [];
            Tokenizer converted;
            if (result.GetValue(allow))
            {
                (converted, differences) = TokenizerConversion.Compare(tokenizer, cancellation);
            }
            else
            {
                converted = TokenizerConversion.ToJson(tokenizer, cancellation);
            }

            converted.Save(path);
            TextWriter writer = result.InvocationConfiguration.Output;
            if (result.GetValue(json))
            {
                writer.WriteLine(new JsonObject
                {
                    ["output"] = path,
                    ["tokens"] = converted.VocabularySize,
                    ["exact"] = differences.Count == 0,
                    ["differences"] = new JsonArray([.. differences.Select(difference => (JsonNode)new JsonObject
                    {
                        ["text"] = difference.Text,
                        ["before"] = new JsonArray([.. difference.Before.Select(id => (JsonNode)id)]),
                        ["after"] = new JsonArray([.. difference.After.Select(id => (JsonNode)id)]),
                    })]),
                }.ToJsonString());
                return Task.FromResult(0);
            }

            writer.WriteLine($"{path}: {converted.VocabularySize} tokens, {(differences.Count == 0 ? "the same ids on every string that was tried" : $"other ids on {differences.Count} strings:")}");
            foreach (ConversionDifference difference in differences)
            {
                writer.WriteLine("  " + TerminalText.Safe(difference.ToString()));
            }

            return Task.FromResult(0);
        });
        return command;
    }
}
