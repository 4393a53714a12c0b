using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Athanor.Core.Files;
using Athanor.Tokenization.Chat;

namespace Athanor.Tokenization.Files;

/// <summary>
/// The tokenizer's files in a tokenizer's or a model's folder, as Hugging Face transformers reads them: <c>tokenizer.json</c>,
/// <c>tokenizer_config.json</c> with the chat template, <c>special_tokens_map.json</c>. Training stages call <see cref="Write"/> with the folder of the model.
/// </summary>
public static class TokenizerFolder
{
    /// <summary>The file that says what the special tokens are for and how a conversation is written.</summary>
    public const string ConfigFileName = "tokenizer_config.json";

    /// <summary>The file that names the special tokens for older readers.</summary>
    public const string SpecialTokensFileName = "special_tokens_map.json";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the files of a tokenizer that has Athanor's special tokens.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="folder">The folder; created if need be.</param>
    /// <param name="contextLength">The most tokens the model reads (<c>model_max_length</c>); null where there is no model yet.</param>
    /// <exception cref="Athanor.Core.Errors.AthanorException">The tokenizer lacks a special token, or a file cannot be written.</exception>
    public static void Write(Tokenizer tokenizer, string folder, int? contextLength = null)
    {
        ChatTemplate template = ChatTemplate.For(tokenizer);
        JsonObject roles = new()
        {
            ["bos_token"] = ChatTemplate.DocumentToken,
            ["eos_token"] = ChatTemplate.EndToken,
            ["pad_token"] = ChatTemplate.DocumentToken,
        };
        JsonObject decoder = [];
        foreach ((string token, int id) in tokenizer.SpecialTokens)
        {
            decoder[id.ToString()] = new JsonObject
            {
                ["content"] = token,
                ["lstrip"] = false,
                ["normalized"] = false,
                ["rstrip"] = false,
                ["single_word"] = false,
                ["special"] = true,
            };
        }

        JsonObject config = new()
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["add_bos_token"] = false,
            ["add_eos_token"] = false,
            ["added_tokens_decoder"] = decoder,
            ["bos_token"] = ChatTemplate.DocumentToken,
            ["eos_token"] = ChatTemplate.EndToken,
            ["pad_token"] = ChatTemplate.DocumentToken,
            ["chat_template"] = template.Jinja,
            ["clean_up_tokenization_spaces"] = false,
        };
        if (contextLength is int length)
        {
            config["model_max_length"] = length;
        }

        tokenizer.Save(Path.Combine(folder, Tokenizer.FileName));
        AtomicFile.WriteText(Path.Combine(folder, ConfigFileName), config.ToJsonString(Json) + "\n");
        AtomicFile.WriteText(Path.Combine(folder, SpecialTokensFileName), roles.ToJsonString(Json) + "\n");
    }
}
