using Athanor.Core.Errors;
using Athanor.Core.Metrics;
using Athanor.Models.LanguageModels;

namespace Athanor.Cli.Commands;

/// <summary>The introduction of a model that wrote none: what its training measured last on problems it had not seen.</summary>
internal static class MeasuredAbilities
{
    private const string Prefix = "ability/";
    private const string DialoguesPrefix = "validation/dialogues/";
    private const int MostQuestions = 3;

    // task, what it is called to a person, a question of its kind (none where it needs examples first), and from which share right on it counts as learnt
    private static readonly (string Task, string Name, string? Question, double Learnt)[] Known =
    [
        ("chains.step", "sums and differences of small numbers, step by step", "Step by step: 7 + 8 - 3 + 9 = ?", 0.5),
        ("chains.direct", "the same sums without the steps", "7 + 8 - 3 + 9 = ?", 0.5),
        ("operations", "telling from examples which operation is meant", null, 0.75),
        ("multiple_choice", "which description belongs to which member of the .NET libraries (one of four)", "What does String.Trim do?", 0.3),
        ("closed_book", "questions on the .NET libraries", "What does String.Trim do?", 0.2),
        ("last_letters", "putting together last letters of words", null, 0.5),
        ("coin_flips", "following a coin", null, 0.75),
        ("dates", "which of two dates is earlier", null, 0.75),
    ];

    /// <summary>The introduction, or null where nothing was measured.</summary>
    public static ModelIntroduction? Introduction(string folder)
    {
        string path = Path.Combine(folder, MetricsLog.FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            IReadOnlyList<MetricsEntry> entries = MetricsLog.Read(path);
            bool dialogues = entries.Any(entry => entry.Values.Keys.Any(key => key.StartsWith(DialoguesPrefix, StringComparison.Ordinal)));
            MetricsEntry? last = entries.LastOrDefault(entry => entry.Values.Keys.Any(key => key.StartsWith(Prefix, StringComparison.Ordinal)));
            return last is null ? null : Of(last.Values, dialogues);
        }
        catch (AthanorException)
        {
            return null; // a damaged curve is no reason not to talk
        }
    }

    private static ModelIntroduction? Of(IReadOnlyDictionary<string, double> values, bool dialogues)
    {
        (string Line, string? Question)[] learnt =
        [
            .. Known.Where(known => values.TryGetValue(Prefix + known.Task, out double value) && value >= known.Learnt)
                .Select(known => ($"{known.Name}: {values[Prefix + known.Task]:0 %} right of what it had not seen", known.Question)),
        ];
        return learnt.Length == 0 ? null : new ModelIntroduction
        {
            Learnt = [.. learnt.Select(ability => ability.Line)],
            // a model that was not taught dialogues which change their subject answers hardly any question after another one
            Memory = dialogues ? null : 0,
            Questions = [.. learnt.Select(ability => ability.Question).OfType<string>().Distinct().Take(MostQuestions - 1), "What can you do?"],
        };
    }
}
