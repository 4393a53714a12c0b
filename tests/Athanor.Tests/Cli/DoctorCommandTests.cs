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
    public void Calibrations_measure_something()
    {
        Assert.True(Calibration.MemoryBandwidth(TestContext.Current.CancellationToken) > 1e6);
        Assert.True(Calibration.Sha256() > 1e6);
    }
}
