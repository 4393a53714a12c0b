using Athanor.Core.Documents;
using Athanor.Core.Errors;
using Athanor.Core.Files;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;
using Athanor.Tokenization.Files;
using Xunit;

namespace Athanor.Tests.Tokenization;

public sealed class JinjaChatTemplateTests : IDisposable
{
    private static readonly ChatMessage[] Talk = [new("user", "the value"), new("assistant", "is null"), new("user", "7 + 8"), new("assistant", "15")];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("headers", "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nthe value<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n", 1)]
    [InlineData("marks", "<|im_start|>user\nthe value<|im_end|>\n<|im_start|>assistant\n", 0)]
    [InlineData("brackets", "<s>[INST] the value [/INST]", 1)]
    public void A_prompt_is_what_the_template_writes_and_nothing_besides(string style, string expected, int begins)
    {
        ChatTemplate template = PublishedModels.TemplateOf(style);
        Assert.Equal(expected, template.Render(Talk[..1], addGenerationPrompt: true));
        int[] ids = template.EncodePrompt(Talk[..1]);
        Assert.Equal(template.Tokenizer.EncodeWithSpecialTokens(expected), ids);
        Assert.Equal(begins, ids.Count(id => id == template.BeginTokenId));
    }

    [Theory]
    [InlineData("headers", "is null<|eot_id|>15<|eot_id|>")]
    [InlineData("marks", "is null<|im_end|>15<|im_end|>")]
    [InlineData("brackets", " is null</s> 15</s>")]
    public void The_mask_marks_what_the_assistant_said_and_its_end(string style, string expected)
    {
        ChatTemplate template = PublishedModels.TemplateOf(style);
        EncodedConversation encoded = template.Encode(Talk);
        Assert.Equal(template.Tokenizer.EncodeWithSpecialTokens(template.Render(Talk, false)), encoded.Ids);
        Assert.Equal(expected, template.Tokenizer.Decode([.. encoded.Ids.Zip(encoded.Mask).Where(pair => pair.Second == 1).Select(pair => pair.First)]));
    }

    [Fact]
    public void An_answer_ends_at_what_the_configuration_says_and_at_the_end_of_a_turn()
    {
        Tokenizer tokenizer = PublishedModels.WriteTokenizer(_folder.Path, "headers");
        int Id(string token) => tokenizer.TryGetId(token, out int id) ? id : throw new KeyNotFoundException(token);
        Assert.Equal([Id("<|end_of_text|>"), Id("<|eot_id|>")], ChatTemplate.Read(_folder.Path, tokenizer, null, [], TimeProvider.System).StopTokenIds);
        Assert.Equal([7, 9, Id("<|eot_id|>")], ChatTemplate.Read(_folder.Path, tokenizer, null, [7, 9], TimeProvider.System).StopTokenIds);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    public void Ids_that_the_tokenizer_lacks_begin_and_end_nothing(int id)
    {
        ChatTemplate template = ChatTemplate.Read(_folder.Path, PublishedModels.TokenizerOf("marks"), id, [id], TimeProvider.System);
        Assert.Null(template.BeginTokenId);
        Assert.Empty(template.StopTokenIds);
        Assert.Contains("bos_token", Assert.Throws<AthanorException>(() => template.EncodeText("the value")).Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void Instructions_that_the_template_refuses_are_told_with_a_cure()
    {
        AthanorException fault = Assert.Throws<AthanorException>(() => PublishedModels.TemplateOf("brackets").EncodePrompt([new("system", "Be brief."), new("user", "the value")]));
        Assert.Contains("refuses instructions", fault.Message, StringComparison.Ordinal);
        Assert.Contains("must alternate", fault.Message, StringComparison.Ordinal);
        Assert.Contains("leave the instructions out", fault.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_template_refuses_for_another_reason_is_told_as_it_says()
    {
        AthanorException fault = Assert.Throws<AthanorException>(() => PublishedModels.TemplateOf("brackets").EncodePrompt([Talk[0], Talk[0]]));
        Assert.StartsWith("chat template, line 1: Conversation roles must alternate", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_base_model_has_no_template_but_reads_text()
    {
        Tokenizer tokenizer = PublishedModels.WriteTokenizer(_folder.Path, "headers", withTemplate: false);
        ChatTemplate template = ChatTemplate.Read(_folder.Path, tokenizer, null, [], TimeProvider.System);
        Assert.False(template.Converses);
        Assert.Contains("athanor generate", Assert.Throws<AthanorException>(() => template.EncodePrompt(Talk[..1])).Cure, StringComparison.Ordinal);
        Assert.Equal(tokenizer.EncodeWithSpecialTokens("<|begin_of_text|>the value"), template.EncodeText("the value"));
    }

    [Theory]
    [InlineData("""{"chat_template": "a"}""", null, "a")]
    [InlineData("""{"chat_template": "a"}""", "b\n", "b")]
    [InlineData("""{"chat_template": [{"name": "tool_use", "template": "t"}, {"name": "default", "template": "{{ messages[0].content }}d"}]}""", null, "the valued")]
    [InlineData("""{"chat_template": "{{ bos_token }}{{ sep_token }}{{ pad_token is defined }}", "bos_token": {"content": "B"}, "pad_token": null}""", null, "BSFalse")]
    [InlineData("""{"chat_template": "{{ image_token }}{{ tools is none }}", "extra_special_tokens": {"image_token": "I"}}""", null, "ITrue")]
    [InlineData("""{"chat_template": "{{ strftime_now('%d %b %Y') }}"}""", null, "01 Jan 2026")]
    public void The_stored_template_is_found_where_publishers_put_it(string config, string? file, string expected)
    {
        AtomicFile.WriteText(_folder[TokenizerFolder.ConfigFileName], config);
        AtomicFile.WriteText(_folder[TokenizerFolder.SpecialTokensFileName], """{"sep_token": "S", "bos_token": "no", "pad_token": "no"}""");
        if (file is not null)
        {
            AtomicFile.WriteText(_folder["chat_template.jinja"], file);
        }

        Assert.Equal(expected, ChatTemplate.Read(_folder.Path, PublishedModels.TokenizerOf("marks"), null, [], new ManualClock()).Render(Talk, false));
    }

    [Theory]
    [InlineData("""{"chat_template": [{"name": "rag", "template": "r"}, {"name": "tool_use", "template": "t"}]}""", "rag, tool_use")]
    [InlineData("""{"chat_template": 7}""", "cannot be read")]
    [InlineData("[]", "not a JSON object")]
    public void A_file_that_says_no_template_clearly_is_one_fault(string config, string fault)
    {
        AtomicFile.WriteText(_folder[TokenizerFolder.ConfigFileName], config);
        Assert.Contains(fault, Assert.Throws<AthanorException>(() => ChatTemplate.Read(_folder.Path, PublishedModels.TokenizerOf("marks"), null, [], TimeProvider.System)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Athanors_own_folder_gives_Athanors_own_template()
    {
        TokenizerFolder.Write(TokenizerFixture.Tokenizer, _folder.Path);
        ChatTemplate template = ChatTemplate.Read(_folder.Path, TokenizerFixture.Tokenizer, null, [], TimeProvider.System);
        Assert.Equal(ChatTemplate.For(TokenizerFixture.Tokenizer).EncodePrompt([new("user", "<|end|>")]), template.EncodePrompt([new("user", "<|end|>")]));
    }

    [Fact]
    public void A_turn_that_is_written_otherwise_when_others_follow_cannot_be_scored()
    {
        AtomicFile.WriteText(_folder[TokenizerFolder.ConfigFileName], """{"chat_template": "{{ messages | length }}{% for m in messages %}{{ m.content }}{% endfor %}"}""");
        ChatTemplate template = ChatTemplate.Read(_folder.Path, PublishedModels.TokenizerOf("marks"), null, [], TimeProvider.System);
        Assert.Contains("turn 2", Assert.Throws<AthanorException>(() => template.Encode(Talk)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_are_read_or_refused()
    {
        PublishedModels.WriteTokenizer(_folder.Path, "brackets");
        string path = _folder[TokenizerFolder.ConfigFileName];
        foreach (byte[] damaged in Mutation.Of(File.ReadAllBytes(path), 400, "chat-template"))
        {
            File.WriteAllBytes(path, damaged);
            try
            {
                ChatTemplate.Read(_folder.Path, PublishedModels.TokenizerOf("brackets"), null, [], TimeProvider.System).Encode(Talk);
            }
            catch (AthanorException)
            {
                // refused
            }
        }
    }
}
