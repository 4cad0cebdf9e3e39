"""Writes docs/reference/ from the code: `make docs`. tests/unit/test_docs.py fails when a page is behind."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import typer.main
from pydantic.fields import FieldInfo

from graph import queries
from graph.model import Kind, NewNode, Node, NodePatch, Status
from graph.queries import Query
from service.app import build_app
from service.cli import app as command_line
from service.settings import Settings, variable

FOLDER = Path(__file__).parent / "reference"
WRITTEN = "<!-- Written by docs/reference.py from the code: `make docs`. -->\n"
PROBLEM = "application/problem+json"
METHODS = ("get", "post", "put", "patch", "delete")
# What a default is where the code computes it on the machine it runs on.
COMPUTED = {
    "home": "the user's data folder for glan (platformdirs)",
    "cache": "the user's cache folder for glan (platformdirs)",
}
RULES = (("ge", "at least {}"), ("gt", "more than {}"), ("le", "at most {}"), ("lt", "less than {}"))


def pages() -> dict[str, str]:
    """The text of every page by its file's name."""
    written: dict[str, Callable[[], Iterable[str]]] = {
        "model.md": model,
        "settings.md": settings,
        "commands.md": commands,
        "endpoints.md": endpoints,
        "queries.md": queries_page,
    }
    return {name: WRITTEN + "\n".join(lines()).rstrip() + "\n" for name, lines in written.items()}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table and a blank line; nothing where there are no rows."""
    body = [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]
    if body:
        yield f"| {' | '.join(head)} |"
        yield f"|{'---|' * len(head)}"
        yield from body
        yield ""


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def model() -> Iterator[str]:
    """Kinds of nodes, their fields, their statuses."""
    yield "# The graph's nodes\n"
    yield "Declared in graph/model.py; labels in the database bear the same names.\n"
    yield from table(
        ("kind", "what it is", "stands under", "its name is unique within"),
        (
            (f"`{kind}`", kind.meaning, ", ".join(kind.parents) or "nothing", _unique_within(kind))
            for kind in Kind
        ),
    )
    for title, kind in (("A node", Node), ("A new node", NewNode), ("A change to a node", NodePatch)):
        yield f"## {title}\n"
        schema = kind.model_json_schema()
        yield from table(("field", "type", "default", "meaning"), _fields(schema))
    yield "## Statuses\n"
    yield _paragraph(Status) + f" One of {', '.join(f'`{status}`' for status in Status)}.\n"


def _unique_within(kind: Kind) -> str:
    if not kind.parents:
        return "the graph"
    return kind.unique_within or "its parent"


def settings() -> Iterator[str]:
    """Every setting with its variable, default and meaning."""
    yield "# Settings\n"
    yield "Environment variables; a `.env` file in the working directory is read too.\n"
    yield from table(
        ("variable", "default", "meaning"),
        (
            (f"`{variable(name)}`", _default(name, field), _with_rules(field))
            for name, field in Settings.model_fields.items()
        ),
    )


def _default(name: str, field: FieldInfo) -> str:
    if name in COMPUTED:
        return COMPUTED[name]
    return "not set" if field.default is None else f"`{field.default}`"


def _with_rules(field: FieldInfo) -> str:
    rules = [
        text.format(getattr(rule, name))
        for rule in field.metadata
        for name, text in RULES
        if hasattr(rule, name)
    ]
    return (field.description or "") + (f" ({', '.join(rules)})" if rules else "")


def commands() -> Iterator[str]:
    """Every command with its arguments and options."""
    yield "# Commands\n"
    yield "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a job ended short, 130 interrupted.\n"
    yield from _command(typer.main.get_command(command_line), ("glan",))


def _command(command: Any, path: tuple[str, ...]) -> Iterator[str]:
    below: dict[str, Any] = getattr(command, "commands", {})
    if len(path) > 1:
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        usage = " ".join([*path, *(_argument(argument) for argument in arguments)])
        yield f"## {usage}\n"
        yield inspect.cleandoc(command.help or "") + "\n"
        yield from table(("argument", "meaning"), ((f"`{_argument(p)}`", p.help or "") for p in arguments))
        yield from table(
            ("option", "default", "meaning"),
            (_option(p) for p in command.params if p.param_type_name == "option"),
        )
    for name, child in below.items():
        yield from _command(child, (*path, name))


def _argument(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    return name if argument.required or name.startswith("[") else f"[{name}]"


def _option(option: Any) -> tuple[str, str, str]:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    if option.is_flag:
        default = (
            ""
            if not option.secondary_opts
            else f"`{(option.opts if option.default else option.secondary_opts)[0]}`"
        )
    else:
        default = f"`{option.default}`" if option.default not in (None, "", [], ()) else ""
    return names, default, option.help or ""


def endpoints() -> Iterator[str]:
    """Every operation of the OpenAPI document."""
    document = build_app(Settings.model_construct()).openapi()
    yield "# Endpoints\n"
    yield f"{document['info']['description']} The running service shows the same at `/docs`.\n"
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method in operations:
                yield from _operation(document, method.upper(), path, operations[method])


def _operation(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"## {method} {path}\n"
    yield operation["description"] + "\n"
    yield from table(
        ("parameter", "in", "type", "default", "meaning"),
        (
            (
                f"`{p['name']}`" + (" (required)" if p.get("required") and p["in"] != "path" else ""),
                p["in"],
                _type(p["schema"]),
                _code(p["schema"].get("default")),
                p.get("description", ""),
            )
            for p in operation.get("parameters", ())
        ),
    )
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"Body, `{media}`:\n"
        schema = _resolved(document, content.get("schema", {}))
        yield from table(("field", "type", "default", "meaning"), _fields(schema))
    answers = sorted(operation["responses"].items())
    yield from table(
        ("status", "answer", "type"),
        (
            (status, a["description"], _answer_type(a))
            for status, a in answers
            if PROBLEM not in a.get("content", {})
        ),
    )
    problems = [status for status, a in answers if PROBLEM in a.get("content", {})]
    if problems:
        yield f"Problem documents: {', '.join(problems)}.\n"


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema


def _answer_type(answer: dict[str, Any]) -> str:
    return ", ".join(
        f"`{media}`: {_type(c.get('schema', {}))}" for media, c in answer.get("content", {}).items()
    )


def _fields(schema: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        default = "required" if name in required else _code(field.get("default"))
        yield f"`{name}`", _type(field), default, field.get("description", "")


def _type(schema: dict[str, Any]) -> str:
    """A JSON schema in a few words."""
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return " or ".join(dict.fromkeys(map(_type, schema[union])))
    match schema.get("type"):
        case "array":
            return f"list of {_type(schema.get('items', {}))}"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"map to {_type(schema['additionalProperties'])}"
        case None:
            return "anything"
        case name:
            return schema.get("format", name) + _limits(schema)


def _limits(schema: dict[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f" {low:g} to {high:g}" if high < 1e6 else f" {low:.0f} to {high:.0f}"
    longest = schema.get("maxLength")
    return f", up to {longest} characters" if longest else ""


def _code(value: Any) -> str:
    return "" if value in (None, "") else f"`{value}`"


def queries_page() -> Iterator[str]:
    """Every named query; those for people with their text, ready for Neo4j Browser."""
    found = [queries.load(name) for name in queries.names()]
    offered = queries.offered()
    yield "# Named queries\n"
    yield (
        "Files of cypher/. Those for people run over `POST /v1/queries/{name}` and `glan query NAME`, with"
        " the example's values where a parameter is left out, ids excepted. Their text can be pasted into"
        " Neo4j Browser as it stands here; the first lines set the parameters. The guide of the service and"
        " of `glan db browser` has the same ones to click. The others are glan's own. Cost: what a query"
        " takes on two cores where it reads all of a sort below its node; the others take what their answer"
        " takes. `glan query` says it before it runs one that takes seconds.\n"
    )
    for area in dict.fromkeys(query.area for query in offered):
        yield f"## {area}\n"
        yield from table(("query", "answers", "cost"), _entries(offered, area))
        for query in offered:
            if query.area == area:
                yield f"### {query.name}\n"
                yield query.meaning + "\n"
                yield from _parameters(query)
                yield f"```cypher\n{query.browser}\n```\n"
    yield "## glan's own\n"
    yield from table(
        ("query", "access", "what it does", "parameters"),
        (
            (f"`{q.name}`", q.access, q.meaning, ", ".join(f"`{name}`" for name in q.params))
            for q in found
            if q not in offered
        ),
    )


def _entries(offered: Sequence[Query], area: str) -> Iterator[tuple[str, str, str]]:
    for query in offered:
        if query.area == area:
            cost = f"{query.cost.seconds:g} s a million {query.cost.reads}" if query.cost else ""
            yield f"[{query.name}](#{query.name.replace('.', '')})", query.meaning, cost


def _parameters(query: Query) -> Iterator[str]:
    yield from table(
        ("parameter", "type", "meaning", "example"),
        (
            (f"`{name}`", param.type, param.meaning, _code(query.example.get(name)))
            for name, param in query.params.items()
        ),
    )


def _paragraph(thing: object) -> str:
    return inspect.cleandoc(thing.__doc__ or "").split("\n\n")[0]


def main() -> None:
    """Writes the pages and removes those that no longer are."""
    FOLDER.mkdir(exist_ok=True)
    found = pages()
    for name, text in found.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    for path in FOLDER.glob("*.md"):
        if path.name not in found:
            path.unlink()


if __name__ == "__main__":
    main()
