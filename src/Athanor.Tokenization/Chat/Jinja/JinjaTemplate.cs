using System.Text;
using System.Text.Json.Nodes;

namespace Athanor.Tokenization.Chat.Jinja;

/// <summary>
/// A chat template in Jinja, the language in which published models say how their conversations are written, rendered as transformers renders it (<c>trim_blocks</c>,
/// <c>lstrip_blocks</c>, <c>break</c> and <c>continue</c>, <c>generation</c>, <c>raise_exception</c>, <c>strftime_now</c>, <c>tojson</c> by <c>json.dumps</c>).
/// What templates may not do there (include, import, change lists and maps) is refused here too. A rendering is bounded in steps, depth and length.
/// </summary>
internal sealed class JinjaTemplate
{
    private const int MaximumTemplateLength = 1 << 20;

    private readonly IReadOnlyList<JinjaStatement> _body;

    private JinjaTemplate(string text, IReadOnlyList<JinjaStatement> body)
    {
        Text = text;
        _body = body;
    }

    /// <summary>The template as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a template.</summary>
    /// <exception cref="Athanor.Core.Errors.AthanorException">It is malformed, larger than a million letters, or nested too deep.</exception>
    public static JinjaTemplate Parse(string text) => text.Length <= MaximumTemplateLength
        ? new JinjaTemplate(text, JinjaParser.Parse(text))
        : throw JinjaFault.Of($"it has more than {MaximumTemplateLength:N0} characters");

    /// <summary>Renders the template.</summary>
    /// <param name="variables">What it may name: <c>messages</c>, <c>add_generation_prompt</c>, <c>bos_token</c>, <c>tools</c> ….</param>
    /// <param name="clock">The clock of <c>strftime_now</c>.</param>
    /// <exception cref="Athanor.Core.Errors.AthanorException">The template refuses the conversation, does what no template may, or exceeds its bounds.</exception>
    public JinjaRendering Render(JsonObject variables, TimeProvider clock)
    {
        JinjaScope scope = new(null);
        foreach ((string name, JsonNode? value) in variables)
        {
            scope.Set(name, JinjaValue.From(value));
        }

        StringBuilder text = new();
        JinjaRenderer renderer = new(new JinjaEvaluator(new JinjaWork(), clock), text);
        renderer.Run(_body, new JinjaScope(scope), text);
        return new JinjaRendering(text.ToString(), renderer.Generated);
    }
}

/// <summary>What a template made of a conversation.</summary>
/// <param name="Text">The text.</param>
/// <param name="Generated">Which ranges of it the template marks as the assistant's (<c>generation</c> blocks).</param>
internal sealed record JinjaRendering(string Text, IReadOnlyList<Range> Generated);
