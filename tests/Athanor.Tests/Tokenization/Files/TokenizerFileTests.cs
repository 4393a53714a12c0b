using System.Text;
using Athanor.Core.Errors;
using Athanor.Tests.Tokenization.Pipeline;
using Athanor.Tokenization;
using Athanor.Tokenization.Pipeline;
using Xunit;

namespace Athanor.Tests.Tokenization.Files;

public sealed class TokenizerFileTests : IDisposable
{
    private static readonly string[] Texts = [.. TokenizerFixture.HardStrings, "the token <unk> Yesterday <mask> x"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_part_is_the_same_after_writing_and_reading()
    {
        foreach (TokenizerPipeline pipeline in Pipelines.All)
        {
            Tokenizer written = new(pipeline);
            written.Save(_folder["one.json"]);
            Tokenizer read = Tokenizer.Load(_folder["one.json"]);
            foreach (string text in Texts)
            {
                EncodedText expected = written.EncodeText(text);
                EncodedText found = read.EncodeText(text);
                Assert.Equal(expected.Units, found.Units);
                Assert.Equal(written.Decode([.. expected.Ids]), read.Decode([.. found.Ids]));
            }

            read.Save(_folder["two.json"]);
            Assert.Equal(File.ReadAllBytes(_folder["one.json"]), File.ReadAllBytes(_folder["two.json"]));
        }
    }

    [Fact]
    public void A_damaged_file_with_any_part_is_read_or_refused()
    {
        int number = 0;
        foreach (TokenizerPipeline pipeline in Pipelines.All.Skip(1).Take(4))
        {
            new Tokenizer(pipeline).Save(_folder["whole.json"]);
            byte[] original = File.ReadAllBytes(_folder["whole.json"]);
            foreach (byte[] mutant in Mutation.Of(original, 150, $"part {number++}"))
            {
                OpensOrRefuses(_folder["mutant.json"], mutant);
            }
        }
    }

    [Fact]
    public void Damaged_lists_of_tokens_and_merges_are_read_or_refused()
    {
        WriteBytePairs();
        byte[] vocabulary = File.ReadAllBytes(_folder["vocab.json"]);
        byte[] merges = File.ReadAllBytes(_folder["merges.txt"]);
        foreach (byte[] mutant in Mutation.Of(vocabulary, 150, "vocab.json"))
        {
            OpensOrRefuses(_folder["vocab.json"], mutant);
        }

        File.WriteAllBytes(_folder["vocab.json"], vocabulary);
        foreach (byte[] mutant in Mutation.Of(merges, 150, "merges.txt"))
        {
            OpensOrRefuses(_folder["merges.txt"], mutant);
        }

        byte[] pieces = Encoding.UTF8.GetBytes("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\n##s\nzwölf\n");
        foreach (byte[] mutant in Mutation.Of(pieces, 200, "vocab.txt"))
        {
            OpensOrRefuses(_folder["vocab.txt"], mutant);
        }
    }

    [Fact]
    public void What_a_file_or_folder_is_shows_in_it()
    {
        WriteBytePairs();
        Tokenizer bytePairs = Tokenizer.Load(_folder.Path);
        Assert.Equal([4, 3], bytePairs.Encode("aba"));
        Assert.Equal([4, 3], Tokenizer.Load(_folder["merges.txt"]).Encode("aba"));
        Assert.Equal([4, 3], Tokenizer.Load(_folder["vocab.json"]).Encode("aba"));
        Assert.Equal("aba", bytePairs.Decode([4, 3]));

        Directory.CreateDirectory(_folder["bert"]);
        File.WriteAllText(_folder["bert/vocab.txt"], "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\r\n##s\n");
        Assert.Equal([2, 5, 6, 3], Tokenizer.Load(_folder["bert"]).EncodeText("Thes").Ids);
        File.WriteAllText(_folder["bert/tokenizer_config.json"], """{"do_lower_case": false}""");
        Assert.Equal([2, 1, 3], Tokenizer.Load(_folder["bert"]).EncodeText("Thes").Ids);

        TokenizerFixture.Tokenizer.Save(_folder["bert/tokenizer.json"]);
        Assert.Equal(TokenizerFixture.Tokenizer.Encode("the value"), Tokenizer.Load(_folder["bert"]).Encode("the value"));
    }

    [Fact]
    public void What_is_missing_or_unknown_is_refused_with_its_name()
    {
        Directory.CreateDirectory(_folder["empty"]);
        Refused(_folder["empty"], "empty");
        Refused(_folder["nothing"], "nothing");
        File.WriteAllText(_folder["vocab.json"], """{"a": 0}""");
        Refused(_folder.Path, "merges.txt");
        File.WriteAllText(_folder["merges.txt"], "#version: 0.2\na b\n");
        Refused(_folder.Path, "line[2]");
        File.WriteAllText(_folder["prose.md"], "A text is no tokenizer.");
        Refused(_folder["prose.md"], "prose.md");
        File.WriteAllText(_folder["vocab.txt"], "the\n");
        Refused(_folder["vocab.txt"], "[SEP]");
    }

    [Fact]
    public void Ids_may_have_gaps_but_memory_does_not_follow_them()
    {
        File.WriteAllText(_folder["gap.json"], """{"version": "1.0", "added_tokens": [], "model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": {"<unk>": 0, "far": 2000000}}}""");
        Tokenizer tokenizer = Tokenizer.Load(_folder["gap.json"]);
        Assert.Equal([2000000], tokenizer.Encode("far"));
        Assert.Equal("", tokenizer.TokenOf(7));
        File.WriteAllText(_folder["gap.json"], File.ReadAllText(_folder["gap.json"]).Replace("2000000", "2100000000", StringComparison.Ordinal));
        Refused(_folder["gap.json"], "2100000000");
    }

    private static void Refused(string path, string named) => Assert.Contains(named, Assert.Throws<AthanorException>(() => Tokenizer.Load(path)).Message, StringComparison.Ordinal);

    private void WriteBytePairs()
    {
        File.WriteAllText(_folder["vocab.json"], """{"<|endoftext|>": 0, "é": 1, "b": 2, "a": 3, "ab": 4}""");
        File.WriteAllText(_folder["merges.txt"], "#version: 0.2\na b\n");
    }

    private static void OpensOrRefuses(string file, byte[] content)
    {
        File.WriteAllBytes(file, content);
        try
        {
            Tokenizer tokenizer = Tokenizer.Load(file);
            tokenizer.Decode([.. tokenizer.EncodeText("the value 7 é").Ids.Where(id => id < tokenizer.VocabularySize)]);
        }
        catch (Exception exception) when (exception is AthanorException or EncodingException)
        {
            Assert.DoesNotContain('\n', exception.Message);
        }
    }
}
