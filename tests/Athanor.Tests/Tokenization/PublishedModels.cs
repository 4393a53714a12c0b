using System.Text.Json.Nodes;
using Athanor.Core.Files;
using Athanor.Core.Randomness;
using Athanor.Models.Checkpoints;
using Athanor.Models.Specifications;
using Athanor.Tokenization;
using Athanor.Tokenization.Chat;
using Athanor.Tokenization.Files;
using Athanor.Tokenization.Training;

namespace Athanor.Tests.Tokenization;

/// <summary>Model folders as others publish them, with templates in the styles that are common.</summary>
internal static class PublishedModels
{
    /// <summary>A style: its special tokens, of which the first begins a text, the second ends an answer and the third ends a turn, and its template.</summary>
    public sealed record Style(string Begin, string End, string EndOfTurn, string[] Others, string Template);

    public static IReadOnlyDictionary<string, Style> Styles { get; } = new Dictionary<string, Style>
    {
        ["headers"] = new(
            "<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", ["<|start_header_id|>", "<|end_header_id|>"],
            """
            {{- bos_token }}
            {%- for message in messages %}
            {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' }}
            {%- endfor %}
            {%- if add_generation_prompt %}
            {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
            {%- endif %}
            """),
        ["marks"] = new(
            "<|endoftext|>", "<|endoftext|>", "<|im_end|>", ["<|im_start|>"],
            """
            {%- if tools %}{{ raise_exception('no tools were given') }}{% endif %}
            {%- for message in messages %}
            {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>' + '\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\n' }}
            {%- endif %}
            """),
        ["brackets"] = new(
            "<s>", "</s>", "</s>", ["[INST]", "[/INST]"],
            "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
                + "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' ' + message['content'] | trim + eos_token }}"
                + "{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}"),
    };

    private static readonly Dictionary<string, Tokenizer> Tokenizers = Styles.ToDictionary(
        style => style.Key,
        style => BytePairTrainer.Train(TokenizerFixture.Texts, 400, [.. new[] { style.Value.Begin, style.Value.End, style.Value.EndOfTurn }.Concat(style.Value.Others).Distinct()]));

    public static Tokenizer TokenizerOf(string style) => Tokenizers[style];

    /// <summary>Writes the tokenizer's files; without a template they are those of a base model.</summary>
    public static Tokenizer WriteTokenizer(string folder, string style, bool withTemplate = true)
    {
        Style written = Styles[style];
        Tokenizer tokenizer = TokenizerOf(style);
        JsonObject config = new() { ["add_bos_token"] = true, ["bos_token"] = new JsonObject { ["content"] = written.Begin, ["special"] = true }, ["eos_token"] = written.End, ["unk_token"] = null };
        if (withTemplate)
        {
            config["chat_template"] = written.Template;
        }

        tokenizer.Save(Path.Combine(folder, Tokenizer.FileName));
        AtomicFile.WriteText(Path.Combine(folder, TokenizerFolder.ConfigFileName), config.ToJsonString());
        return tokenizer;
    }

    /// <summary>The template that such a folder gives.</summary>
    public static ChatTemplate TemplateOf(string style)
    {
        using TemporaryFolder folder = new();
        Tokenizer tokenizer = WriteTokenizer(folder.Path, style);
        return ChatTemplate.Read(folder.Path, tokenizer, null, [], TimeProvider.System);
    }

    /// <summary>Writes a whole folder: a tiny LLaMA of random weights with its tokenizer.</summary>
    public static void Write(string folder, string style, bool withTemplate = true)
    {
        Tokenizer tokenizer = WriteTokenizer(folder, style, withTemplate);
        ModelPlan plan = ModelPlan.From(TransformerSpec.Llama(tokenizer.VocabularySize, 512, 16, 2, 2, 1, 8, 24, tiedHead: false));
        RandomStreams streams = new(8);
        CheckpointWriter.Write(
            folder,
            plan,
            name =>
            {
                RandomStream random = streams.Open(name);
                return [.. Enumerable.Range(0, (int)plan[name].Count).Select(_ => (float)random.NextGaussian())];
            },
            SpecialTokenIds.None);
    }
}
