"""Splits a Cypher text as Neo4j's lexer does, as far as the read door needs it: code apart from strings.

Neo4j does not show the plan of a subquery inside an expression (`[x IN xs | COLLECT { ... }]`), so what such
a subquery does must be found in the text. A lexer that ends strings and comments elsewhere than Neo4j does
could be tricked into taking code for a string. So the two cases where they might differ are refused:
`\\u0027`, which Neo4j turns into a quote before it looks for strings, and characters outside strings that are
neither ASCII nor part of a word, which some lexers take for white space.
"""

import re
from collections.abc import Iterator
from typing import Final

from graph.errors import Invalid

NAME: Final = "`"  # what a name in backticks becomes
TEXT: Final = "'"  # what a string becomes

_PIECES: Final = re.compile(
    r"""
    (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<name>`(?:[^`]|``)*`)
    | (?P<comment>//[^\n\r]*|/\*.*?\*/)
    | (?P<open>['"`]|/\*)
    | (?P<plain>[\t\n\r\ !\#-&(-.0-_a-~]+)
    | (?P<code>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def code_of(text: str) -> str:
    """The text with every string replaced by ', every name in backticks by `, every comment by a space.

    Raises Invalid for a text that Neo4j might split differently.
    """
    return "".join(map(_as_code, _pieces(text)))


def code_and_strings(text: str) -> tuple[str, list[str]]:
    """The code and its strings: like `code_of`, but names in backticks are words, and ' has a string's index.

    Raises Invalid as `code_of` does.
    """
    strings: list[str] = []

    def as_word(piece: re.Match[str]) -> str:
        match piece.lastgroup:
            case "string":
                strings.append(re.sub(r"\\(.)", r"\1", piece[0][1:-1], flags=re.DOTALL))
                return f" {TEXT}{len(strings) - 1} "
            case "name":
                # A single word in backticks is that word; other names become distinct words.
                plain = piece[0][1:-1]
                return plain if re.fullmatch(r"\w+", plain) else f"q{plain.encode().hex()}"
            case _:
                return _as_code(piece)

    return "".join(map(as_word, _pieces(text))), strings


def _pieces(text: str) -> Iterator[re.Match[str]]:
    if re.search(r"\\u", text, re.IGNORECASE):
        raise Invalid(
            r"\u escapes are not accepted here: write the character itself, or pass the text as a parameter"
        )
    return _PIECES.finditer(text)


def _as_code(piece: re.Match[str]) -> str:
    match piece.lastgroup:
        case "string":
            return TEXT
        case "name":
            return NAME
        case "comment":
            return " "
        case "open":
            what = {"/*": "comment", "`": "name in backticks"}.get(piece[0], "string")
            raise Invalid(f"the {what} that begins at offset {piece.start()} has no end")
        case "plain":
            return piece[0]
        case _:
            _require_plain(piece[0], piece.start())
            return piece[0]


def _require_plain(char: str, offset: int) -> None:
    # Words may be in any script: NFKC could turn some letters into others, but Neo4j does not apply it.
    if not (char in "\t\n\r" or (char.isascii() and char.isprintable()) or char.isalnum()):
        raise Invalid(
            f"U+{ord(char):04X} at offset {offset} is outside a string: write only plain spaces and "
            "ASCII there, and odd names in backticks"
        )
