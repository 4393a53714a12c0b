using System.CommandLine;
using Athanor.Tokenization;
using Athanor.Tokenization.Vocabulary;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor tokenizer add</c>: special tokens behind a vocabulary, and a model with them.</summary>
internal static class TokenizerAddCommand
{
    public static Command Create()
    {
        Argument<string> tokenizer = new("TOKENIZER") { Description = "The tokenizer to add to." };
        Option<string[]> tokens = new("--token") { Required = true, AllowMultipleArgumentsPerToken = true, Description = "The special tokens to add, such as \"<|tool|>\"." };
        VocabularyOutput output = new();
        Command command = new("add", "Add special tokens to a vocabulary.") { tokenizer, output.Folder, tokens, output.Model, output.Json };
        command.SetAction(result =>
        {
            Tokenizer loaded = Tokenizer.Load(result.GetValue(tokenizer)!);
            output.Write(result, VocabularyExtension.AddSpecialTokens(loaded, result.GetValue(tokens)!), loaded.VocabularySize);
        });
        return command;
    }
}
