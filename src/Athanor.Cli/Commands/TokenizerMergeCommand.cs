using System.CommandLine;
using Athanor.Tokenization;
using Athanor.Tokenization.Vocabulary;

namespace Athanor.Cli.Commands;

/// <summary><c>athanor tokenizer merge</c>: a vocabulary extended by another's, as Chinese-LLaMA did, and a model with it.</summary>
internal static class TokenizerMergeCommand
{
    public static Command Create()
    {
        Argument<string> tokenizer = new("TOKENIZER") { Description = "The tokenizer whose tokens keep their ids." };
        Argument<string> other = new("OTHER") { Description = "The tokenizer whose tokens are added behind them." };
        VocabularyOutput output = new();
        Command command = new("merge", "Extend a vocabulary by another's: two SentencePiece models, or two tokenizer.json with byte pairs.") { tokenizer, other, output.Folder, output.Model, output.Json };
        command.SetAction(result => output.Write(
            result, VocabularyExtension.Merge(Tokenizer.Load(result.GetValue(tokenizer)!), Tokenizer.Load(result.GetValue(other)!)), Tokenizer.Load(result.GetValue(tokenizer)!).VocabularySize));
        return command;
    }
}
