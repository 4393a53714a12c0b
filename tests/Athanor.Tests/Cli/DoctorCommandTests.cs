using System.Text.Json;
using Athanor.Cli.Commands;
using Athanor.Core.Machine;
using Xunit;

namespace Athanor.Tests.Cli;

public sealed class DoctorCommandTests
{
    private static readonly Finding[] Findings =
    [
        new("memory", "24 GB", "a quickstart needs under 2 GB", true, 24e9, "bytes"),
        new("libtorch", "libgomp is missing", "restore the packages", false),
    ];

    [Fact]
    public void Every_finding_says_what_it_means()
    {
        StringWriter output = new();
        DoctorCommand.Write(Findings, json: false, output);
        Assert.Equal(["ok memory    24 GB", "             a quickstart needs under 2 GB", "!! libtorch  libgomp is missing", "             restore the packages"], output.ToString().TrimEnd().Split(Environment.NewLine));
    }

    [Fact]
    public void Scripts_get_numbers_with_units()
    {
        StringWriter output = new();
        DoctorCommand.Write(Findings, json: true, output);
        JsonElement first = JsonDocument.Parse(output.ToString()).RootElement[0];
        Assert.Equal(24e9, first.GetProperty("number").GetDouble());
        Assert.Equal("bytes", first.GetProperty("unit").GetString());
        Assert.True(first.GetProperty("good").GetBoolean());
    }

    [Fact]
    public void Without_libtorch_it_says_what_is_missing_and_what_to_do()
    {
        List<Finding> findings = DoctorCommand.Examine(() => throw new DllNotFoundException("libgomp is missing"), TestContext.Current.CancellationToken);
        Finding libtorch = Assert.Single(findings, finding => finding.Name == "libtorch");
        Assert.False(libtorch.IsGood);
        Assert.Equal("libgomp is missing", libtorch.Value);
        Assert.Contains("restore the packages", libtorch.Meaning, StringComparison.Ordinal);
        Assert.DoesNotContain(findings, finding => finding.Name is "quickstart" or "bf16");
    }

    [Fact]
    public void The_machine_is_described_with_its_SDK_memory_and_disk()
    {
        List<Finding> findings = DoctorCommand.Examine(() => throw new DllNotFoundException("none"), TestContext.Current.CancellationToken);
        Assert.Equal(["SDK", "runtime", "processor", "vectors", "memory", "disk", "memory speed", "SHA-256", "libtorch", "GPU"], findings.Select(finding => finding.Name));
        Assert.Matches(@"^10\.0\.\d+", findings[0].Value);
    }

    [Fact]
    public void Calibrations_measure_something()
    {
        Assert.True(Calibration.MemoryBandwidth(TestContext.Current.CancellationToken) > 1e6);
        Assert.True(Calibration.Sha256() > 1e6);
    }
}
