using System.Text.Json.Nodes;
using Athanor.Core.Errors;
using Athanor.Core.Randomness;
using Athanor.Tokenization.Chat.Jinja;
using Xunit;

namespace Athanor.Tests.Tokenization.Jinja;

/// <summary><c>templates.json</c> holds templates, conversations, and what Jinja2 made of them (tests/peers/jinja.py); null where it refused.</summary>
public sealed class JinjaTemplateTests
{
    private static readonly JsonObject Cases = Read();

    public static TheoryData<string, string> Templates =>
    [
        .. Cases["templates"]!.AsObject().SelectMany(template => Cases["contexts"]!.AsObject().Select(context => (template.Key, context.Key))),
    ];

    public static TheoryData<int> Snippets => [.. Enumerable.Range(0, Cases["snippets"]!.AsArray().Count)];

    [Theory]
    [MemberData(nameof(Templates))]
    public void A_template_gives_the_text_that_transformers_would(string template, string context)
    {
        string text = string.Join('\n', Cases["templates"]![template]!.AsArray().Select(line => line!.GetValue<string>()));
        Hold(Cases["rendered"]![template]![context]?.GetValue<string>(), text, Cases["contexts"]![context]!.AsObject());
    }

    [Theory]
    [MemberData(nameof(Snippets))]
    public void An_expression_means_what_it_means_in_Jinja(int number)
        => Hold(Cases["rendered_snippets"]![number]?.GetValue<string>(), Cases["snippets"]![number]!.GetValue<string>(), Cases["contexts"]!["dialogue"]!.AsObject());

    [Fact]
    public void Generation_blocks_mark_what_the_assistant_said()
    {
        JinjaRendering rendering = JinjaTemplate.Parse("{% for m in messages %}{% if m.role == 'assistant' %}A:{% generation %}{{ m.content }}{% endgeneration %}{% else %}U:{{ m.content }}{% endif %}\n{% endfor %}")
            .Render(Messages(("user", "question"), ("assistant", "answer"), ("assistant", "more")), TimeProvider.System);
        Assert.Equal(["answer", "more"], rendering.Generated.Select(range => rendering.Text[range]));
    }

    [Fact]
    public void The_date_is_that_of_the_clock()
    {
        ManualClock clock = new();
        string expected = clock.GetLocalNow().ToString("dd MMM yyyy", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(expected, JinjaTemplate.Parse("{{ strftime_now('%d %b %Y') }}").Render([], clock).Text);
    }

    [Theory]
    [InlineData("{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}")]
    [InlineData("{{ 'x' * 999999999999 }}")]
    [InlineData("{{ [0] * 999999999999 }}")]
    [InlineData("{% set ns = namespace(a=[1]) %}{% for i in range(99) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a }}")]
    [InlineData("{% set ns = namespace(a=[1], b=[1]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}{% endfor %}{{ ns.a == ns.b }}")]
    [InlineData("{% set ns = namespace(a=[1], b=[1]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}{% endfor %}{{ ns.a < ns.b }}{{ ns.a | tojson }}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{% macro f(a) %}{{ f(a) }}{{ f(a) }}{% endmacro %}{{ f(1) }}")]
    [InlineData("{{ 'a' | center(99999999999) }}")]
    [InlineData("{{ '%99999d' % 1 }}")]
    [InlineData("{{ ('x' * 9999999).replace('x', 'y' * 9999) }}")]
    [InlineData("{% for a in range(99999) %}{{ ('x' * 99999) }}{% endfor %}")]
    [InlineData("{{ range(999999999999) | list }}")]
    [InlineData("{{ 9223372036854775807 + 1 }}")]
    [InlineData("{{ 2 ** 9223372036854775807 }}")]
    [InlineData("{{ (-9223372036854775807 - 1) // -1 }}")]
    [InlineData("{{ 99999999999999999999 }}")]
    [InlineData("{% for x in [[1]] recursive %}{{ loop(x) if x is iterable else loop([[1]]) }}{% endfor %}")]
    public void A_template_that_would_never_end_or_eat_the_memory_is_stopped(string template)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<AthanorException>(() => JinjaTemplate.Parse(template).Render([], TimeProvider.System));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4L << 30);
    }

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("[", "1", "]")]
    [InlineData("-", "1", "")]
    [InlineData("not ", "1", "")]
    [InlineData("", "1", "+1")]
    [InlineData("", "1", "~1")]
    [InlineData("", "x", ".a")]
    [InlineData("", "1", " if 1 else 1")]
    [InlineData("", "1", "|string")]
    public void Nesting_beyond_all_measure_is_refused_not_a_crash(string before, string inner, string after)
    {
        string Nested(int times) => $"{{{{ {string.Concat(Enumerable.Repeat(before, times))}{inner}{string.Concat(Enumerable.Repeat(after, times))} }}}}";
        Assert.Throws<AthanorException>(() => JinjaTemplate.Parse(Nested(20_000)).Render([], TimeProvider.System));
    }

    [Fact]
    public void Nested_blocks_beyond_all_measure_are_refused()
        => Assert.Throws<AthanorException>(() => JinjaTemplate.Parse(string.Concat(Enumerable.Repeat("{% if 1 %}", 20_000)) + string.Concat(Enumerable.Repeat("{% endif %}", 20_000))));

    [Fact]
    public void A_mutated_template_is_rendered_or_refused()
    {
        string[] templates = [.. Cases["templates"]!.AsObject().Select(pair => string.Join('\n', pair.Value!.AsArray().Select(line => line!.GetValue<string>())))];
        string pieces = "{}%#-+|.,:()[]'\"~*/=<> \n0aéi";
        for (int number = 0; number < 1500; number++)
        {
            RandomStream random = new RandomStreams(11).Open("jinja/mutation", number);
            char[] text = templates[number % templates.Length].ToCharArray();
            for (int change = random.NextInt32(1, 6); change > 0; change--)
            {
                text[random.NextInt32(text.Length)] = pieces[random.NextInt32(pieces.Length)];
            }

            try
            {
                JinjaTemplate.Parse(new string(text)).Render(Cases["contexts"]!["tools"]!.AsObject(), TimeProvider.System);
            }
            catch (AthanorException)
            {
                // refused, as it should be where the change broke it
            }
        }
    }

    [Fact]
    public void A_fault_names_the_line()
        => Assert.Contains("line 3", Assert.Throws<AthanorException>(() => JinjaTemplate.Parse("a\nb\n{{ 1 / 0 }}\n").Render([], TimeProvider.System)).Message, StringComparison.Ordinal);

    private static void Hold(string? expected, string template, JsonObject context)
    {
        if (expected is null)
        {
            Assert.Throws<AthanorException>(() => JinjaTemplate.Parse(template).Render(context, TimeProvider.System));
        }
        else
        {
            Assert.Equal(expected, JinjaTemplate.Parse(template).Render(context, TimeProvider.System).Text);
        }
    }

    private static JsonObject Messages(params (string Role, string Content)[] turns)
        => new() { ["messages"] = new JsonArray([.. turns.Select(turn => (JsonNode)new JsonObject { ["role"] = turn.Role, ["content"] = turn.Content })]) };

    private static JsonObject Read()
    {
        using Stream stream = typeof(JinjaTemplateTests).Assembly.GetManifestResourceStream("templates.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }
}
