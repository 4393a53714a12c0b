using System.Globalization;
using Athanor.Cli.Progress;
using Athanor.Cli.Stages;
using Athanor.Core.Errors;
using Athanor.Core.Forecasts;
using Athanor.Core.Recipes;
using Athanor.Core.Runs;
using Athanor.Training.Pretraining;
using Athanor.Training.Tuning;

namespace Athanor.Cli.Commands;

/// <summary>
/// The sizes that fill a time budget. From the recipe's own model and tokens both grow with the square root of the training's FLOP (Hoffmann et al. 2022, table 2, approach 1: N and D with
/// exponent 0.5); the depth gives the model, tokens fill what whole layers leave over; batch and rates follow the rules.
/// </summary>
internal static class TimeBudget
{
    private const int DeepestTried = 64;
    private const int Rounds = 2;

    /// <summary>Reads <c>90min</c>, <c>2h</c>, <c>1.5h</c>, <c>45m</c>.</summary>
    /// <exception cref="AthanorException">It is no duration.</exception>
    public static TimeSpan Read(string text)
    {
        string number = text.TrimEnd('h', 'm', 'i', 'n', 's', ' ');
        string unit = text[number.Length..].Trim();
        double seconds = unit switch { "h" => 3600, "min" or "m" => 60, "s" => 1, _ => 0 };
        return seconds > 0 && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count) && count > 0 && count * seconds < 1e8
            ? TimeSpan.FromSeconds(count * seconds)
            : throw new AthanorException($"--budget {text} is no length of time", "write it like 2h, 90min or 45m");
    }

    /// <summary>The recipe's options with the settings that fill the budget laid over them.</summary>
    /// <exception cref="AthanorException">The recipe trains nothing, or the budget is too short for the smallest model.</exception>
    public static RecipeOptions Fill(string path, RecipeOptions options, TimeSpan budget, MachineMeasurements machine, string runs, TextWriter output, CancellationToken cancellation)
    {
        RecipeReader reader = new(StageCatalog.All());
        for (int round = 0; ; round++)
        {
            RunForecast forecast = RunForecast.Of(RunPlan.Of(reader.Read(path, options), runs), machine, cancellation);
            (RecipeStage Stage, StageForecast Forecast)[] trainings = [.. forecast.Stages.Where(stage => stage.Forecast?.Output.Model is not null).Select(stage => (stage.Stage.Stage, stage.Forecast!))];
            if (trainings.FirstOrDefault(training => training.Stage.Settings is PretrainSettings) is not { Stage: { Settings: PretrainSettings pretrain } stage, Forecast: var pretraining })
            {
                throw new AthanorException($"{path} pre-trains no model whose cost can be told, so a budget has nothing to fill", "leave --budget out");
            }

            double training = trainings.Sum(one => one.Forecast.Seconds);
            double rest = forecast.Stages.Sum(one => one.Forecast?.Seconds ?? 0) - training;
            double growth = (budget.TotalSeconds - rest) / training;
            if (growth <= 0)
            {
                throw new AthanorException($"{Quantities.Duration(budget)} is less than the stages beside training take ({Quantities.Duration(TimeSpan.FromSeconds(rest))})", "give more time, or take a smaller profile of the recipe");
            }

            bool last = round == Rounds;
            int depth = last ? pretrain.Depth : DepthFor(pretrain, pretraining.Output.VocabularySize, pretraining.Output.Model!.Parameters * Math.Sqrt(growth));
            double tokens = last ? growth : Math.Sqrt(growth);
            options = options with
            {
                Overlays =
                [
                    .. options.Overlays,
                    $"{stage.Name}.depth={depth}", $"{stage.Name}.batch_rows=~", $"{stage.Name}.learning_rate=~", $"{stage.Name}.matrix_learning_rate=~",
                    .. trainings.Select(one => (one.Stage.Name, Tokens: TokensOf(one.Stage.Settings, one.Forecast) * tokens)).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Name}.training_tokens={one.Tokens:F0}")),
                ],
            };
            if (last)
            {
                output.WriteLine($"{Quantities.Duration(budget)}: model and tokens grow alike from the recipe's (Hoffmann et al. 2022): {string.Join(", ", options.Overlays.TakeLast(trainings.Length))}, {stage.Name}.depth={depth}");
                return options;
            }
        }
    }

    // the deepest model that is not larger than wanted
    private static int DepthFor(PretrainSettings settings, int vocabularySize, double parameters)
    {
        int depth = 1;
        while (depth < DeepestTried && PretrainingPlan.From(settings with { Depth = depth + 1 }, vocabularySize).Model.Parameters <= parameters)
        {
            depth++;
        }

        return depth;
    }

    private static double TokensOf(object settings, StageForecast forecast) => settings switch
    {
        PretrainSettings { TrainingTokens: { } tokens } => tokens,
        TuneSettings { TrainingTokens: { } tokens } => tokens,
        _ => forecast.Flop / forecast.Output.Model!.TrainingFlopPerToken,
    };
}
