using System.CommandLine;
using System.Text.Json.Nodes;
using Athanor.Models.Checkpoints;
using Athanor.Tokenization.Vocabulary;

namespace Athanor.Cli.Commands;

/// <summary>Where a command that changes a vocabulary puts the tokenizer, and the model that goes with it.</summary>
internal sealed class VocabularyOutput
{
    public Argument<string> Folder { get; } = new("OUTPUT") { Description = "The folder to write the new tokenizer to." };

    public Option<string?> Model { get; } = new("--model") { Description = "The folder of a model that uses this tokenizer: the model is written to OUTPUT too, fitted to the new vocabulary; a new token begins with the mean of the rows of its pieces." };

    public Option<bool> Json { get; } = new("--json") { Description = "Print JSON for scripts." };

    /// <param name="result">The command line.</param>
    /// <param name="change">The new vocabulary.</param>
    /// <param name="before">How many ids there were.</param>
    public void Write(ParseResult result, VocabularyChange change, int before)
    {
        string folder = result.GetValue(Folder)!;
        if (result.GetValue(Model) is string model)
        {
            VocabularyResizing.Write(model, folder, change.Sources);
        }

        string path = change.Write(folder);
        result.InvocationConfiguration.Output.WriteLine(result.GetValue(Json)
            ? new JsonObject { ["output"] = path, ["tokens_before"] = before, ["tokens"] = change.Tokenizer.VocabularySize }.ToJsonString()
            : $"{path}: {change.Tokenizer.VocabularySize} tokens instead of {before}");
    }
}
