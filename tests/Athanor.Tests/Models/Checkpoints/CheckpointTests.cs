using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Models.Checkpoints;
using Athanor.Models.Specifications;
using Xunit;

namespace Athanor.Tests.Models.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    private static readonly TransformerSpec Small = TransformerSpec.Llama(11, 16, 8, 2, 2, 1, 4, 12, tiedHead: false);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int> Indices => [.. Enumerable.Range(0, 40)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Indices))]
    public void A_random_specification_and_its_weights_come_back(int index)
    {
        TransformerSpec spec = RandomSpecs.Draw(index);
        ModelPlan plan = ModelPlan.From(spec);
        CheckpointWriter.Write(_folder.Path, plan, name => Values(plan, name), new SpecialTokenIds(0, [1, 2], 0));
        using Checkpoint checkpoint = Checkpoint.Open(_folder.Path);
        Assert.Equal(spec, checkpoint.Spec);
        Assert.Equal([1, 2], checkpoint.SpecialTokens.Ends);
        Assert.All(plan.Weights, weight => Assert.Equal(Values(plan, weight.Name), checkpoint.ReadSingles(weight.Name)));
    }

    [Fact]
    public void A_missing_folder_or_file_is_one_clear_error()
    {
        Assert.Contains("does not exist", Assert.Throws<AthanorException>(() => Checkpoint.Open(_folder["nothing"])).Message, StringComparison.Ordinal);
        Assert.Contains("config.json", Assert.Throws<AthanorException>(() => Checkpoint.Open(_folder.Path)).Message, StringComparison.Ordinal);
        Write();
        File.Delete(_folder[Checkpoint.WeightsFile]);
        Assert.Contains("has no weights", Assert.Throws<AthanorException>(() => Checkpoint.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_family_is_named()
    {
        File.WriteAllText(_folder[Checkpoint.ConfigFile], """{"model_type": "mamba"}""");
        Assert.Contains("mamba", Assert.Throws<AthanorException>(() => Checkpoint.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_extra_and_misshapen_weights_are_one_error()
    {
        Write();
        SafetensorsFile.Write(_folder[Checkpoint.WeightsFile], [TensorToWrite.Singles("model.norm.weight", [4], () => new float[4]), TensorToWrite.Singles("surplus", [1], () => new float[1])]);
        string message = Assert.Throws<AthanorException>(() => Checkpoint.Open(_folder.Path)).Message;
        Assert.Contains("model.embed_tokens.weight is missing", message, StringComparison.Ordinal);
        Assert.Contains("more", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_may_not_lead_out_of_the_folder()
    {
        Write();
        File.Delete(_folder[Checkpoint.WeightsFile]);
        File.WriteAllText(_folder[Checkpoint.IndexFile], """{"weight_map": {"a": "../../etc/passwd"}}""");
        Assert.Contains("own folder", Assert.Throws<AthanorException>(() => Checkpoint.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mutated_configuration_is_read_or_refused_and_nothing_else()
    {
        Write();
        byte[] original = File.ReadAllBytes(_folder[Checkpoint.ConfigFile]);
        int refused = 0;
        foreach (byte[] mutated in Mutation.Of(original, 400, "config.json"))
        {
            File.WriteAllBytes(_folder[Checkpoint.ConfigFile], mutated);
            try
            {
                Checkpoint.Open(_folder.Path).Dispose();
            }
            catch (AthanorException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 400);
    }

    private void Write()
    {
        ModelPlan plan = ModelPlan.From(Small);
        CheckpointWriter.Write(_folder.Path, plan, name => Values(plan, name), SpecialTokenIds.None);
    }

    private static float[] Values(ModelPlan plan, string name) => [.. Enumerable.Range(0, (int)plan[name].Count).Select(i => (float)Math.Sin(i + name.Length + name[^8]))];
}
