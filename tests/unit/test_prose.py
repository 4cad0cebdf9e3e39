"""English as a native engineer would write it: a list of patterns must not occur.

These tests check the documents, the reference (generated from descriptions, `--help`, docstrings of endpoints
and headers of named queries), the headers of all queries, and the sentences among the string literals of the
packages, including errors; and, for maintainers, the docstrings and comments of all code.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
        *(path for path in (ROOT / "docs").glob("*.md") if not path.name.startswith("benchmarks")),
        *(ROOT / "docs" / "reference").glob("*.md"),
    ]
)
QUERIES = sorted((ROOT / "cypher").rglob("*.cypher"))
# Prompts are measured with models, and word lists are not sentences.
WORD_LISTS = {"course_words.py", "material_words.py", "task_words.py", "answer_words.py", "task.py"}
NOT_PROSE = {"prompts", "language.py", "names.py", "complaints.py", *WORD_LISTS}
MODULES = sorted(
    path
    for package in ("service", "graph", "generators")
    for path in (ROOT / package).rglob("*.py")
    if not NOT_PROSE & set(path.parts)
)

CODE = sorted(
    path for package in ("service", "graph", "generators", "tests") for path in (ROOT / package).rglob("*.py")
)

UNIT = r"(?:line|row|entry|object|file|page|query|call|job|node|step|stratum|subject|discipline|concept)"
PATTERNS = {
    "give the number or the noun: maximum, number of": r"\bso (?:many|much)\b",
    "again, or start over": r"\banew\b",
    "at the same time, or while": r"\bmeanwhile\b",
    "has no, or is missing": r"\black(?:s|ed|ing)\b",
    "continue, or resume": r"\b(?:go|goes|going|gone|went) on\b",
    "is not a": r"(?<!there )\b(?:is|are|was|were) no (?!longer\b|more\b)[a-z]",
    "must be": r"\b(?:is|are) to (?:be|have)\b",
    "name whom you mean": r"(?:^|[.;:] )who (?!\w+ed what\b)[a-z]+",
    "per": rf"\b(?:an?|one) {UNIT} an? {UNIT}\b",
    "your own, his own: say whose": r"\bof one's own\b",
}
# Phrases that match a pattern but are right as they are.
ALLOWED: set[str] = set()


def faults(text: str) -> list[str]:
    """The faults of a text, each as the words found and what to write instead."""
    return [
        f"{found.group().strip()!r}: {instead}"
        for instead, pattern in PATTERNS.items()
        for found in re.finditer(pattern, text, re.IGNORECASE | re.MULTILINE)
        if found.group().strip() not in ALLOWED
    ]


def prose(markdown: str) -> str:
    """A document with its code replaced by dots."""
    return re.sub(r"```.*?```|`[^`\n]*`", "…", markdown, flags=re.DOTALL)


def sentences(source: str) -> Iterator[tuple[int, str]]:
    """The string literals of a module, with their lines; values inserted into f-strings become dots."""
    tree = ast.parse(source)
    apart: set[ast.AST] = set()  # docstrings, and the parts of f-strings
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            apart.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            apart.update(node.values)
            parts = (str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
            yield node.lineno, "".join(parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in apart:
            yield node.lineno, node.value


def remarks(source: str) -> Iterator[tuple[int, str]]:
    """The docstrings and comments of a module, with their lines."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.lineno, node.value.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("# ")


@pytest.mark.parametrize(
    "text",
    [
        "At most so many on a page",
        "Grow until so much is there",
        "the build begins anew",
        "others are answered meanwhile",
        "what the syllabus lacks",
        "The job goes on where it stopped",
        "to go on after the last line",
        "the body is no JSON",
        "these are no characters of a query",
        "limit is to be 0 or more",
        "Who holds it; null unless it runs",
        "It is signed. Who asks is counted",
        "NDJSON, an object a line",
        "What is sent is a row a subject",
        "Cypher of one's own",
    ],
)
def test_a_bad_sentence_is_found(text: str):
    assert len(faults(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Maximum number of rows",
        "there is no folder of that name",
        "it is no longer accepted; there are no more",
        "Show who changed a node, and when",
        "the argon is gone, once for all",
        "one object per line",
        "a black box, and slack",
        "An error is tolerated",
    ],
)
def test_a_good_sentence_is_let_through(text: str):
    assert faults(text) == []


def test_code_is_not_prose_and_docstrings_are_not_sentences():
    assert faults(prose("Run\n```\nit goes on\n```\nor `it is no JSON`.")) == []
    found = dict(
        sentences('"""So many."""\nraise ValueError(f"{name} is no "\n    f"{kind} of node")\nx = "anew"\n')
    )
    assert found == {2: "… is no … of node", 4: "anew"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents(path: Path):
    assert faults(prose(path.read_text(encoding="utf-8"))) == []


def test_headers_of_queries():
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in QUERIES
        if (found := faults(re.match(r"(?://.*\n)*", path.read_text(encoding="utf-8"))[0]))  # type: ignore[index]
    }
    assert wrong == {}


def test_errors_and_descriptions():
    wrong = {
        f"{path.relative_to(ROOT)}:{line}": found
        for path in MODULES
        for line, text in sentences(path.read_text(encoding="utf-8"))
        if text.count(" ") >= 2 and (found := faults(text))
    }
    assert wrong == {}


@pytest.mark.parametrize("package", ["service", "graph", "generators", "tests"])
def test_docstrings_and_comments(package: str):
    wrong = {
        f"{path.relative_to(ROOT)}:{line}": found
        for path in CODE
        if path.relative_to(ROOT).parts[0] == package
        for line, text in remarks(path.read_text(encoding="utf-8"))
        if (found := faults(text))
    }
    assert wrong == {}


def test_remarks_are_docstrings_and_comments():
    found = dict(remarks('"""So many."""\nx = "anew"  # it goes on\n'))
    assert found == {1: "So many.", 2: "it goes on"}
