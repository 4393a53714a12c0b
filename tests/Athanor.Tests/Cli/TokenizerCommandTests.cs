using System.CommandLine;
using System.Text.Json;
using Athanor.Cli.CommandLine;
using Athanor.Cli.Commands;
using Athanor.Tests.Tokenization;
using Xunit;

namespace Athanor.Tests.Cli;

public sealed class TokenizerCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TokenizerCommandTests() => TokenizerFixture.Tokenizer.Save(_folder["tokenizer.json"]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("7 + 8 = 15")]
    [InlineData("naïve 数据 🙂\n")]
    public async Task What_was_encoded_is_decoded(string text)
    {
        (int code, string ids, string error) = await RunAsync("", "encode", _folder.Path, text);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(string.Join(' ', TokenizerFixture.Tokenizer.Encode(text)), ids.Trim());
        Assert.Equal(text + "\n", (await RunAsync(ids, "decode", _folder.Path)).Output);
        Assert.Equal(text + "\n", (await RunAsync("", ["decode", _folder.Path, .. ids.Trim().Split(' ')])).Output);
        Assert.Equal(ids, (await RunAsync(text, "encode", _folder["tokenizer.json"])).Output);
    }

    [Fact]
    public async Task Json_tells_everything()
    {
        JsonElement encoded = JsonDocument.Parse((await RunAsync("", "encode", _folder.Path, "a<|end|>", "--special", "--json")).Output).RootElement;
        Assert.Equal(1, encoded.GetProperty("ids")[1].GetInt32());
        Assert.Equal("<|end|>", encoded.GetProperty("tokens")[1].GetString());

        JsonElement[] shown = [.. JsonDocument.Parse((await RunAsync("", "show", _folder.Path, "7 🙂<|end|>", "--special", "--json")).Output).RootElement.GetProperty("tokens").EnumerateArray()];
        Assert.Equal("7 🙂<|end|>", string.Concat(shown.Select(token => token.GetProperty("text").GetString())));
        Assert.Equal(11, shown[^1].GetProperty("end").GetInt32());
        Assert.Equal("<|end|>", shown[^1].GetProperty("token").GetString());
    }

    [Fact]
    public async Task Boundaries_are_drawn_without_a_terminal_too()
    {
        (_, string output, _) = await RunAsync("", "show", _folder.Path, "12 + 34\u001b[2J");
        Assert.Contains(" +| 34", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
        Assert.Contains("bytes a token", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("encode", "/nowhere", "text")]
    [InlineData("decode", ".", "99999999")]
    [InlineData("decode", ".", "-1")]
    [InlineData("decode", ".", "x")]
    public async Task A_fault_is_two_lines(string command, string tokenizer, string argument)
    {
        (int code, _, string error) = await RunAsync("", command, tokenizer == "." ? _folder.Path : tokenizer, "--", argument);
        Assert.Equal(2, code);
        Assert.Equal(2, error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string input, params string[] arguments)
    {
        using StringWriter output = new() { NewLine = "\n" };
        using StringWriter error = new() { NewLine = "\n" };
        RootCommand root = new("test") { TokenizerCommand.Create(() => new StringReader(input)) };
        int code = await CommandFrame.RunAsync(root, ["tokenizer", .. arguments], output, error);
        return (code, output.ToString(), error.ToString());
    }
}
