using System.Text.RegularExpressions;
using ScottPlot;

namespace Athanor.Reporting.Plots;

/// <summary>Draws charts as SVG whose colours follow the page's theme.</summary>
internal static partial class Chart
{
    private const int Width = 680;
    private const int Height = 300;

    // ScottPlot writes fixed colours: each of these stands for a variable of the style sheet and is replaced in the SVG
    private static readonly Color Ink = new(1, 2, 3);
    private static readonly Color Grid = new(1, 2, 4);
    private static readonly Color[] Series = [new(2, 2, 1), new(2, 2, 2), new(2, 2, 3), new(2, 2, 4), new(2, 2, 5), new(2, 2, 6), new(2, 2, 7), new(2, 2, 8)];
    private static readonly (string Hexadecimal, string Variable)[] Theme =
    [
        (Ink.ToHex(), "var(--muted)"),
        (Grid.ToHex(), "var(--line)"),
        .. Series.Select((color, i) => (color.ToHex(), $"var(--series-{i + 1})")),
    ];

    /// <summary>Curves over a common axis.</summary>
    /// <param name="id">Unique in the page.</param>
    /// <param name="title">What the picture shows, read aloud where it cannot be seen.</param>
    /// <param name="curves">The curves; points that are not finite are left out.</param>
    /// <param name="x">The axis below.</param>
    /// <param name="y">The axis at the left.</param>
    public static string Lines(string id, string title, IReadOnlyList<Curve> curves, Axis x, Axis y)
    {
        Plot plot = Begin(x.Label, y.Label);
        for (int i = 0; i < curves.Count; i++)
        {
            (double X, double Y)[] points = [.. curves[i].Points.Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y))];
            if (points.Length == 0)
            {
                continue;
            }

            ScottPlot.Plottables.Scatter line = plot.Add.ScatterLine(points.Select(point => point.X).ToArray(), points.Select(point => point.Y).ToArray(), Series[i % Series.Length]);
            line.LineWidth = curves[i].Faint ? 1 : 2;
            line.Color = curves[i].Faint ? Series[i % Series.Length].WithOpacity(0.35) : Series[i % Series.Length];
            line.MarkerSize = points.Length <= 24 ? 6 : 0;
            line.LegendText = curves[i].Name;
        }

        Range(plot, y);
        return Finish(plot, id, title, curves.Count > 1 ? curves.Select(curve => curve.Name) : []);
    }

    /// <summary>Bars side by side, each group a question and each series a model.</summary>
    public static string Bars(string id, string title, IReadOnlyList<string> groups, IReadOnlyList<BarSeries> series, Axis y)
    {
        Plot plot = Begin("", y.Label);
        double step = 1.0 / (series.Count + 0.6);
        for (int s = 0; s < series.Count; s++)
        {
            List<Bar> bars = [];
            for (int g = 0; g < groups.Count; g++)
            {
                double value = series[s].Values[g];
                if (double.IsFinite(value))
                {
                    double error = series[s].Errors is { } errors && double.IsFinite(errors[g]) ? errors[g] : 0;
                    bars.Add(new Bar { Position = g + ((s - ((series.Count - 1) / 2.0)) * step), Value = value, Size = step * 0.9, Error = error, FillColor = Series[s % Series.Length], LineWidth = 0, LineColor = Ink });
                }
            }

            plot.Add.Bars(bars);
        }

        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(groups.Select((name, i) => new Tick(i, name)).ToArray());
        plot.Axes.Bottom.MajorTickStyle.Length = 0;
        if (groups.Sum(name => name.Length) > 70)
        {
            // names side by side would run into each other
            plot.Axes.Bottom.TickLabelStyle.Rotation = 35;
            plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.UpperLeft;
            plot.Axes.Bottom.MinimumSize = 90;
            plot.Axes.Right.MinimumSize = 60;
        }

        plot.Axes.SetLimitsX(-0.6, groups.Count - 0.4);
        Range(plot, y);
        return Finish(plot, id, title, series.Count > 1 ? series.Select(one => one.Name) : []);
    }

    private static Plot Begin(string x, string y)
    {
        Plot plot = new();
        plot.Font.Set("DejaVu Sans");
        plot.FigureBackground.Color = Colors.Transparent;
        plot.DataBackground.Color = Colors.Transparent;
        plot.Axes.Color(Ink);
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Grid.MajorLineColor = Grid;
        plot.HideLegend();
        foreach ((LabelStyle label, string text) in ((LabelStyle, string)[])[(plot.Axes.Bottom.Label, x), (plot.Axes.Left.Label, y)])
        {
            label.Text = text;
            label.FontSize = 13;
            label.Bold = false;
        }

        return plot;
    }

    private static void Range(Plot plot, Axis y)
    {
        if (y.From is double from)
        {
            plot.Axes.AutoScaleY();
            plot.Axes.SetLimitsY(from, y.To ?? plot.Axes.GetLimits().Top);
        }
    }

    private static string Finish(Plot plot, string id, string title, IEnumerable<string> legend)
    {
        string svg = plot.GetSvgXml(Width, Height);
        svg = svg[svg.IndexOf("<svg", StringComparison.Ordinal)..];
        svg = svg.Replace($"width=\"{Width}\" height=\"{Height}\"", $"viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{System.Net.WebUtility.HtmlEncode(title)}\"", StringComparison.Ordinal);
        svg = svg.Replace("\"cl_", $"\"{id}-", StringComparison.Ordinal).Replace("#cl_", $"#{id}-", StringComparison.Ordinal);
        svg = FontFamily().Replace(svg, "font-family=\"DejaVu Sans, Verdana, sans-serif\"");
        foreach ((string hexadecimal, string variable) in Theme)
        {
            svg = svg.Replace(hexadecimal, variable, StringComparison.OrdinalIgnoreCase);
        }

        string entries = string.Concat(legend.Select((name, i) => $"<span class=\"key\"><i style=\"background:var(--series-{(i % Series.Length) + 1})\"></i>{System.Net.WebUtility.HtmlEncode(name)}</span>"));
        return $"<figure class=\"chart\" id=\"{id}\"><figcaption>{System.Net.WebUtility.HtmlEncode(title)}</figcaption>{svg}{(entries.Length > 0 ? $"<div class=\"legend\">{entries}</div>" : "")}</figure>";
    }

    [GeneratedRegex("font-family=\"[^\"]*\"")]
    private static partial Regex FontFamily();
}

/// <summary>A named curve.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Points">Its points in order.</param>
/// <param name="Faint">Drawn thin and pale, behind what matters.</param>
internal sealed record Curve(string Name, IReadOnlyList<(double X, double Y)> Points, bool Faint = false);

/// <summary>A named set of bars, one a group.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Values">A value a group; NaN where there is none.</param>
/// <param name="Errors">A standard error a group, or null.</param>
internal sealed record BarSeries(string Name, IReadOnlyList<double> Values, IReadOnlyList<double>? Errors = null);

/// <summary>An axis.</summary>
/// <param name="Label">What it measures, with its unit.</param>
/// <param name="From">Its beginning, or null for what fits.</param>
/// <param name="To">Its end, or null for what fits.</param>
internal sealed record Axis(string Label, double? From = null, double? To = null);
