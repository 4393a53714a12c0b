using System.Text.Json;
using Athanor.Core.Artifacts;
using Athanor.Core.Files;
using Athanor.Core.Metrics;
using Athanor.Reporting;
using Microsoft.Playwright;
using Xunit;

namespace Athanor.Tests.Reporting;

public sealed class ReportTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(360, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task The_page_is_readable_in_a_browser(int width, ColorScheme scheme)
    {
        Assert.SkipUnless(Chromium is not null, "no Chromium on this machine: install the package chromium to look at the report");
        string file = Path.Combine(_folder.FullName, "report.html");
        AtomicFile.WriteText(file, await ReportStage.RenderAsync(Example()));
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
        IPage page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = 800 }, ColorScheme = scheme });
        List<string> faults = [];
        page.Console += (_, message) => faults.Add(message.Text);
        page.RequestFailed += (_, request) => faults.Add(request.Url);
        await page.GotoAsync(new Uri(file).AbsoluteUri);

        Assert.Empty(faults);
        Assert.True(await page.Locator("h1").IsVisibleAsync());
        int overflow = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(overflow <= 0, $"the page is {overflow} pixels wider than a screen of {width}");
        string[] invisible = await page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll('figure.chart')].filter(figure => {
                const box = figure.querySelector('svg').getBoundingClientRect();
                const drawn = [...figure.querySelectorAll('svg g path, svg rect')].some(shape => shape.getBoundingClientRect().width > 20 || shape.getBoundingClientRect().height > 20);
                return box.width < 200 || box.height < 60 || !drawn;
            }).map(figure => figure.id)
            """);
        Assert.Empty(invisible);
        Assert.True(await page.Locator("figure.chart").CountAsync() >= 3);
        double contrast = await page.EvaluateAsync<double>("""
            (() => {
                const luminance = color => { const [r, g, b] = color.match(/[\d.]+/g).map(Number).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
                const paper = luminance(getComputedStyle(document.body).backgroundColor);
                const colors = [...document.querySelectorAll('body, p, td, figcaption, svg text')].map(item => item.tagName === 'text' ? getComputedStyle(item).fill : getComputedStyle(item).color);
                return Math.min(...colors.map(luminance).map(ink => (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)));
            })()
            """);
        Assert.True(contrast >= 4.5, $"the faintest text has a contrast of {contrast:0.0} to 1");
    }

    [Fact]
    public async Task The_page_stands_alone()
    {
        string page = await ReportStage.RenderAsync(Example());
        Assert.DoesNotContain("<script src", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<link", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=\"http", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_from_a_run_is_shown_as_text()
    {
        string page = await ReportStage.RenderAsync(Example());
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert", page, StringComparison.Ordinal);
    }

    private static string? Chromium => ((string[])["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]).FirstOrDefault(File.Exists);

    private ReportData Example() => new("example", null, [Model()], DateTimeOffset.UnixEpoch);

    private NamedArtifact Model()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder.FullName, "pretrain")).FullName;
        using (MetricsLog log = new(Path.Combine(folder, MetricsLog.FileName), TimeProvider.System))
        {
            for (int step = 1; step <= 100; step++)
            {
                log.Append(step, new Dictionary<string, double> { ["train/loss"] = 8 / Math.Sqrt(step), ["train/learning_rate"] = step / 1e4, ["train/tokens_per_second"] = 9000 + step, ["validation/documentation/bits_per_byte"] = 3 - (step / 60.0), ["ability/chains.step"] = step / 120.0, ["ability/chains.direct"] = 0.1 });
            }

            log.AppendText(100, "sample/0", "# List\n<script>alert(1)</script>");
        }

        ArtifactManifest manifest = new()
        {
            Kind = ArtifactKind.Model,
            Key = new string('a', 64),
            Stage = "model.pretrain",
            StageVersion = 1,
            Settings = JsonSerializer.SerializeToElement(new { depth = 4 }),
            Inputs = new Dictionary<string, string>(),
            Files = new Dictionary<string, ArtifactFile> { ["model.safetensors"] = new(5_300_000, new string('b', 64)) },
            Cost = new ArtifactCost(190, 1_300_000_000, 3_200_000, 2.5e13),
            Machine = new MachineFacts("processor", 2, 24_000_000_000, "Linux", ".NET 10", "AVX-512"),
            Created = DateTimeOffset.UnixEpoch,
        };
        AtomicFile.WriteText(Path.Combine(folder, ArtifactManifest.FileName), JsonSerializer.Serialize(manifest, Artifact.Json));
        return new NamedArtifact("pretrain", Artifact.Open(folder));
    }
}
