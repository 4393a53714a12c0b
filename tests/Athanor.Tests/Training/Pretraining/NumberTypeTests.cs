using Athanor.Core.Artifacts;
using Athanor.Core.Errors;
using Athanor.Core.Machine;
using Athanor.Core.Metrics;
using Athanor.Core.Randomness;
using Athanor.Core.Stages;
using Athanor.Tests.Evaluation;
using Athanor.Torch.Measuring;
using Athanor.Training.Pretraining;
using TorchSharp;
using Xunit;

namespace Athanor.Tests.Training.Pretraining;

/// <summary>The library of products is the process's: nothing else runs beside.</summary>
[CollectionDefinition(nameof(NumberTypeTests), DisableParallelization = true)]
[Collection(nameof(NumberTypeTests))]
public sealed class NumberTypeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        Float32Products.Use(ProductBackend.Mkl);
        _folder.Dispose();
    }

    [Fact]
    public void A_fresh_training_measures_and_notes_what_it_decided()
    {
        NumberType fresh = Choose(NumberTypeChoice.Auto);
        Assert.Equal(Float32Products.Current.ToString(), fresh.Decision.Backend);
        Assert.True(File.Exists(_folder["checkpoints/number-type.json"]));
        Float32Products.Use(ProductBackend.Mkl);
        Assert.Equal(fresh.Decision, Choose(NumberTypeChoice.Auto).Decision);
        Assert.Equal(fresh.Decision.Backend, Float32Products.Current.ToString());
    }

    [Fact]
    public void A_resumed_training_keeps_what_it_began_with_whatever_is_faster()
    {
        Note("checkpoints/number-type.json", "", "bf16", 1, 100);
        NumberType resumed = Choose(NumberTypeChoice.Auto);
        Assert.Equal(("bf16", 1e9), (resumed.Name, resumed.MatrixSpeed));
        Assert.Equal(ProductBackend.Mkl, Float32Products.Current);
    }

    [Fact]
    public void Tuning_uses_what_pretraining_on_the_same_machine_used()
    {
        Note("pretrain/training.json", "products", "bf16", 1, torch.get_num_threads());
        Assert.Equal(1, Choose(NumberTypeChoice.Auto, "pretrain").Decision.Bfloat16Gflops);
    }

    [Fact]
    public void Tuning_measures_anew_where_the_user_wants_another_type()
    {
        Note("pretrain/training.json", "products", "bf16", 1, torch.get_num_threads());
        NumberType type = Choose(NumberTypeChoice.Fp32, "pretrain");
        Assert.Equal("fp32", type.Name);
        Assert.NotEqual(1, type.Decision.Bfloat16Gflops);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"number_type\":\"fp64\",\"backend\":\"Mkl\"}")]
    [InlineData("{\"number_type\":\"fp32\",\"backend\":\"Abacus\"}")]
    public void A_note_that_makes_no_sense_is_told(string note)
    {
        Write("checkpoints/number-type.json", note);
        Assert.Contains("number-type.json", Assert.Throws<AthanorException>(() => Choose(NumberTypeChoice.Auto)).Message, StringComparison.Ordinal);
    }

    private void Note(string path, string inside, string type, double half, int threads)
    {
        string decision = $$"""{"number_type":"{{type}}","backend":"Mkl","mkl_gflops":1,"one_dnn_gflops":null,"bfloat16_gflops":{{half}},"processor":{{System.Text.Json.JsonSerializer.Serialize(MachineProbe.Facts().Processor)}},"threads":{{threads}}}""";
        Write(path, inside.Length == 0 ? decision : $$"""{"{{inside}}":{{decision}}}""");
    }

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.AppendAllText(_folder[path], text);
    }

    private NumberType Choose(NumberTypeChoice choice, string? source = null)
    {
        using MetricsLog metrics = new(_folder["metrics.jsonl"], TimeProvider.System);
        StageContext context = new()
        {
            Inputs = new Dictionary<string, Artifact>(),
            OutputFolder = _folder["output"],
            CheckpointFolder = _folder["checkpoints"],
            Random = new RandomStreams(1),
            Progress = new RecordingProgress(),
            Metrics = metrics,
            Clock = TimeProvider.System,
        };
        return NumberType.Choose(choice, context, source is null ? null : _folder[source], TestContext.Current.CancellationToken);
    }
}
