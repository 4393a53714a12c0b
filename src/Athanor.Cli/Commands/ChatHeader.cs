using Athanor.Cli.CommandLine;
using Athanor.Core.Artifacts;
using Athanor.Models.LanguageModels;

namespace Athanor.Cli.Commands;

/// <summary>What a chat says before the first question: how large the model is, how it came about, what it has learnt, what to try.</summary>
internal static class ChatHeader
{
    private static readonly string[] GenericQuestions = ["Hello!", "What can you do?"];

    public static IEnumerable<string> Lines(LanguageModelInfo model, ArtifactManifest? made, ModelIntroduction? introduction, int? memory = null)
    {
        yield return $"{TerminalText.Safe(model.Name)}: {Count(model.Parameters)} parameters, a context of {model.ContextLength:N0} tokens";
        if (made is { Cost.Tokens: > 0 })
        {
            yield return $"its last training: {Count(made.Cost.Tokens)} tokens in {Time(made.Cost.Seconds)}";
        }

        if (made?.Stage == "model.pretrain")
        {
            yield return "it has only been pre-trained and continues text; answers come from a tuned model (model.tune)";
        }

        if (introduction is { Learnt.Count: > 0 })
        {
            yield return "it has learnt:";
            foreach (string line in introduction.Learnt)
            {
                yield return $"  {TerminalText.Safe(line)}";
            }
        }

        yield return "try:";
        foreach (string question in introduction is { Questions.Count: > 0 } ? introduction.Questions : GenericQuestions)
        {
            yield return $"  {TerminalText.Safe(question)}";
        }

        if (memory is { } exchanges)
        {
            yield return exchanges == 0
                ? "it reads each question on its own; /memory N shows it the N exchanges before"
                : $"it reads a question with {(exchanges == 1 ? "the exchange" : $"the {exchanges} exchanges")} before; /memory N changes that";
        }

        yield return "/help lists the commands; Ctrl-C stops an answer, twice leaves";
    }

    private static string Count(double count) => count switch
    {
        >= 1e9 => $"{count / 1e9:0.0} billion",
        >= 1e6 => $"{count / 1e6:0.0} million",
        >= 1e4 => $"{count / 1e3:0} thousand",
        _ => $"{count:N0}",
    };

    private static string Time(double seconds) => seconds switch
    {
        >= 7200 => $"{seconds / 3600:0.0} hours",
        >= 120 => $"{seconds / 60:0} minutes",
        _ => $"{seconds:0} seconds",
    };
}
