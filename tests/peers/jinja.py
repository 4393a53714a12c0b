"""Renders every template of tests/Athanor.Tests/Tokenization/Jinja/templates.json with Jinja2, set up as transformers does, and writes what came out beside them.

python3 tests/peers/jinja.py        (needs Jinja2; no test needs it: the file it writes is kept)
"""
import json
import pathlib

import jinja2
import jinja2.ext
import jinja2.sandbox


class Generation(jinja2.ext.Extension):
    """{% generation %}…{% endgeneration %} prints its body; here nobody asks where."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_print"), [], [], body).set_lineno(line)

    def _print(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    made = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
    made.filters["tojson"] = tojson
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = lambda format: "26 Jul 2024"
    return made


def render(template, context):
    try:
        return environment().from_string(template).render(**context)
    except (jinja2.exceptions.TemplateError, TypeError, ValueError, ZeroDivisionError, jinja2.exceptions.SecurityError):
        return None


if __name__ == "__main__":
    path = pathlib.Path(__file__).parent.parent / "Athanor.Tests" / "Tokenization" / "Jinja" / "templates.json"
    cases = json.loads(path.read_text(encoding="utf-8"))
    cases["rendered"] = {name: {key: render("\n".join(lines), context) for key, context in cases["contexts"].items()} for name, lines in cases["templates"].items()}
    cases["rendered_snippets"] = [render(snippet, cases["contexts"]["dialogue"]) for snippet in cases["snippets"]]
    path.write_text(json.dumps(cases, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
