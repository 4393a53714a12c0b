using Athanor.Core.Errors;

namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>What is wrong with a template, or with what it was given.</summary>
internal static class JinjaFault
{
    private const string Cure = "correct the template, or give it the messages and values that it expects";

    public static AthanorException At(int line, string fault) => new($"chat template, line {line}: {fault}", Cure);

    public static AthanorException Of(string fault) => new($"chat template: {fault}", Cure);
}
