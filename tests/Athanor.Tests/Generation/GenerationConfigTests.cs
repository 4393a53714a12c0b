using System.Text;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Generation.Decoding;
using Athanor.Models.LanguageModels;
using Xunit;

namespace Athanor.Tests.Generation;

public sealed class GenerationConfigTests : IDisposable
{
    private const string Good = """{"bos_token_id": 0, "eos_token_id": [1, 2], "do_sample": true, "temperature": 0.4, "top_k": 20, "top_p": null, "repetition_penalty": 1.1, "bad_words_ids": [[5], [6, 7]]}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("athanor-generation-").FullName;

    [Fact]
    public void What_the_folder_says_stands_in_place_of_the_defaults()
    {
        Write(Good);
        GenerationSettings settings = GenerationConfig.Read(_folder, new GenerationSettings { TopP = 0.7 });
        Assert.Equal((0.4, 20, 0.7, 1.1), (settings.Temperature, settings.TopK, settings.TopP, settings.RepetitionPenalty));
        Assert.Equal([1, 2], settings.StopTokens);
        Assert.Equal([[5], [6, 7]], settings.BadWords);
    }

    [Fact]
    public void A_folder_without_the_file_changes_nothing() => Assert.Same(GenerationSettings.Chat, GenerationConfig.Read(_folder, GenerationSettings.Chat));

    [Fact]
    public void Not_sampling_means_the_most_probable_token()
    {
        Write("""{"do_sample": false, "temperature": 0.9, "eos_token_id": 3}""");
        Assert.True(GenerationConfig.Read(_folder, new GenerationSettings()).IsGreedy);
    }

    [Theory]
    [InlineData("""{"temperature": "hot"}""")]
    [InlineData("""{"temperature": -3}""")]
    [InlineData("""{"top_k": 1.5}""")]
    [InlineData("""{"eos_token_id": [1, "x"]}""")]
    [InlineData("""{"bad_words_ids": 3}""")]
    [InlineData("[]")]
    [InlineData("")]
    public void A_wrong_file_is_one_clear_fault(string content)
    {
        Write(content);
        Assert.Contains(GenerationConfig.FileName, Assert.Throws<AthanorException>(() => GenerationConfig.Read(_folder, new GenerationSettings())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_is_read_or_refused() => Mutate(GenerationConfig.FileName, Good, () => GenerationConfig.Read(_folder, new GenerationSettings()));

    [Fact]
    public void A_damaged_introduction_is_read_or_refused()
    {
        ModelIntroduction introduction = new() { Learnt = ["sums"], Questions = ["1 + 1 = ?", "Grüß Gott"] };
        introduction.Write(_folder);
        ModelIntroduction read = ModelIntroduction.Read(_folder)!;
        Assert.Equal(introduction.Questions, read.Questions);
        Mutate(ModelIntroduction.FileName, File.ReadAllText(Path.Combine(_folder, ModelIntroduction.FileName)), () => ModelIntroduction.Read(_folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string content) => AtomicFile.WriteText(Path.Combine(_folder, GenerationConfig.FileName), content);

    private void Mutate(string file, string good, Action read)
    {
        foreach (byte[] mutated in Mutation.Of(Encoding.UTF8.GetBytes(good), 300, file))
        {
            AtomicFile.Write(Path.Combine(_folder, file), stream => stream.Write(mutated));
            try
            {
                read();
            }
            catch (AthanorException)
            {
                // a refusal is right; any other exception fails the test
            }
        }
    }
}
