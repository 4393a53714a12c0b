using Athanor.Core.Artifacts;
using Athanor.Core.Files;
using Athanor.Core.Forecasts;
using Athanor.Core.Stages;

namespace Athanor.Reporting;

/// <summary>Writes one self-contained HTML page about a run, from its artifacts alone.</summary>
public sealed class ReportStage : IStage<ReportSettings>
{
    /// <summary>The page's file in the artifact.</summary>
    public const string FileName = "report.html";

    /// <inheritdoc/>
    public string Name => "report.write";

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public ArtifactKind Produces => ArtifactKind.Report;

    /// <inheritdoc/>
    public string Purpose => "Puts everything the run found out on one page. A number without the way it was made is worth little, so the page tells both.";

    /// <inheritdoc/>
    public string SurveySection => "7 Capacity and Evaluation";

    /// <inheritdoc/>
    public string Describe(ReportSettings settings) => $"one page ({FileName}) about {string.Join(", ", Inputs(settings))}";

    /// <inheritdoc/>
    public StageForecast? Forecast(ReportSettings settings, ForecastContext context) => new()
    {
        Seconds = context.TextSeconds(0.6),
        PeakMemoryBytes = ForecastContext.EmptyProcessBytes + (60L << 20),
        NewMemoryBytes = 20L << 20,
        DiskBytes = 480_000,
    };

    /// <inheritdoc/>
    public async Task RunAsync(ReportSettings settings, StageContext context, CancellationToken cancellation)
    {
        ReportData data = new(
            context.Run?.Name ?? "report",
            context.Run,
            [.. Inputs(settings).Where(context.Inputs.ContainsKey).Select(name => new NamedArtifact(name, context.Input(name)))],
            context.Clock.GetLocalNow());
        string page = await RenderAsync(data).ConfigureAwait(false);
        AtomicFile.WriteText(Path.Combine(context.OutputFolder, FileName), page);
    }

    internal static Task<string> RenderAsync(ReportData data) => HtmlPage.RenderAsync<Page>(new Dictionary<string, object?> { [nameof(Page.Data)] = data });

    private static IEnumerable<string> Inputs(ReportSettings settings) =>
        new[] { settings.Corpus, settings.Tokenizer, settings.Tokens }.Concat(settings.Models).Append(settings.Scores).OfType<string>();
}
