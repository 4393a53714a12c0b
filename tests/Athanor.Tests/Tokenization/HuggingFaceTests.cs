using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Core.Documents;
using Athanor.Core.Randomness;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;
using Athanor.Tokenization.Files;
using Xunit;

namespace Athanor.Tests.Tokenization;

/// <summary>Our files in the original's hands. Skipped where node or its packages are not installed (tests/peers/tokenizers.mjs says how).</summary>
public sealed class HuggingFaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Hugging_Face_tokenizers_gives_the_same_ids_and_texts()
    {
        Tokenizer tokenizer = TokenizerFixture.Tokenizer;
        ChatTemplate template = ChatTemplate.For(tokenizer);
        TokenizerFolder.Write(tokenizer, _folder.Path);
        string[] strings = [.. TokenizerFixture.HardStrings, .. TokenizerFixture.Texts, .. RandomStrings(2000)];
        ChatMessage[][] conversations =
        [
            [],
            [new(ChatMessage.System, "Be brief."), new(ChatMessage.User, " 7 + 8 = ?\n\n"), new(ChatMessage.Assistant, "answer 15")],
            [new(ChatMessage.User, "{{ 'x' }} {% if %} <b>&amp;</b> 🙂"), new(ChatMessage.Assistant, "")],
        ];
        JsonNode answer = await AskAsync(_folder.Path, strings, conversations);

        JsonArray encoded = answer["encoded"]!.AsArray();
        for (int at = 0; at < strings.Length; at++)
        {
            int[] ids = tokenizer.EncodeWithSpecialTokens(strings[at]);
            Assert.Equal(encoded[at]!["ids"].Deserialize<int[]>(), ids);
            Assert.Equal((string?)encoded[at]!["decoded"], tokenizer.Decode(ids));
            Assert.Equal((string?)encoded[at]!["decoded_skip"], tokenizer.Decode(ids, skipSpecialTokens: true));
        }

        Assert.Equal(
            conversations.SelectMany(messages => new[] { template.Render(messages, false), template.Render(messages, true) }),
            answer["rendered"].Deserialize<string[]>()!);
    }

    // Assigned code points only: what is a letter in one version of Unicode may be unknown to another
    private static IEnumerable<string> RandomStrings(int count)
    {
        string[] pieces =
            ["a", "Bc", "é", "中文", "'s", "'LL", "'", "1", "23", "٣", "½", " ", "  ", "\t", "\n", "\r\n", "\u00A0", "\u0085", "\u3000", "\u200B", "\u0301", ".", "(", "_", "𝐀", "𝟘", "🙂", "👩‍👧", "the", " specified", " 42", "<|end|>", "ß", "ſ", "ǅ", "ª", "²", "Ⅷ"];
        RandomStream random = new RandomStreams(11).Open("peers");
        for (int index = 0; index < count; index++)
        {
            yield return string.Concat(Enumerable.Range(0, 1 + random.NextInt32(25)).Select(_ => pieces[random.NextInt32(pieces.Length)]));
        }
    }

    private static async Task<JsonNode> AskAsync(string folder, string[] strings, ChatMessage[][] conversations)
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Athanor.slnx")))
        {
            root = root.Parent;
        }

        ProcessStartInfo start = new("node", [Path.Combine(root!.FullName, "tests", "peers", "tokenizers.mjs"), folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("node is not installed");
            throw;
        }

        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            try
            {
                await process.StandardInput.WriteAsync(JsonSerializer.Serialize(new { strings, conversations }, JsonSerializerOptions.Web));
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended without reading, because a package is missing; said below
            }

            string answer = await output;
            string complaint = await error;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.SkipWhen(complaint.Contains("MODULE_NOT_FOUND", StringComparison.Ordinal), "npm's tokenizers@0.23.2 or @huggingface/jinja is not installed: set ATHANOR_PEERS to the folder of node_modules");
            Assert.True(process.ExitCode == 0, complaint);
            return JsonNode.Parse(answer)!;
        }
    }
}
