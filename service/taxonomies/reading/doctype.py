"""Makes the DOCTYPE of an RDF/XML file harmless: its entities are names for parts of addresses and nothing
more.

pyoxigraph expands entities as often as they are named, and knows double quotes only. So the declarations are
read here, before it sees them: entities that lead out of the file, or that are made of others, are refused.
"""

import re

from graph.errors import Invalid

LONGEST = 65_536
LONGEST_ENTITY = 1_000
BEGIN = re.compile(rb"<!DOCTYPE\b", re.IGNORECASE)
ROOT = re.compile(rb"<[A-Za-z_]")
DECLARATION = re.compile(
    rb"<!ENTITY\s+(?P<parameter>%\s+)?(?P<name>[\w.:-]+)\s+"
    rb"(?:(?P<out>SYSTEM|PUBLIC)\b|\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')"
)
REFERENCE = re.compile(rb"&([\w.:-]+);")
PREDEFINED = (b"amp", b"lt", b"gt", b"quot", b"apos")


def without_doctype(start: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """The beginning of a file with its entities in double quotes, and the entities.

    Raises Invalid if the DOCTYPE is too long, leads out of the file, or has entities within entities.
    """
    found = BEGIN.search(start)
    root = ROOT.search(start)
    if not found or (root and root.start() < found.start()):
        return start, {}
    end = _end(start, found.end())
    entities = _entities(start[found.end() : end])
    lines = b"".join(b'<!ENTITY %s "%s">' % entity for entity in entities.items())
    subset = b" [" + lines + b"]" if lines else b""
    return start[: found.start()] + b"<!DOCTYPE RDF" + subset + start[end - 1 :], entities


def growth(entities: dict[bytes, bytes]) -> float:
    """The most by which text may grow when its entities are replaced."""
    return max((len(value) / (len(name) + 2) for name, value in entities.items()), default=1.0)


def _end(start: bytes, at: int) -> int:
    """The position after the DOCTYPE's closing bracket."""
    closing = re.compile(rb"\"[^\"]*\"|'[^']*'|<!--.*?-->|[\[\]>]", re.DOTALL)
    inside = False
    for token in closing.finditer(start[: at + LONGEST], at):
        if token[0] == b"[":
            inside = True
        elif token[0] == b"]":
            inside = False
        elif token[0] == b">" and not inside:
            return token.end()
    raise Invalid("the DOCTYPE has no end in the first 64 kB; remove it, or write the entities out")


def _entities(subset: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for declared in DECLARATION.finditer(re.sub(rb"<!--.*?-->", b"", subset, flags=re.DOTALL)):
        name = declared["name"].decode(errors="replace")
        if declared["out"] or declared["parameter"]:
            raise Invalid(
                f"the entity {name} leads out of the file, which is not followed; "
                "write out what it stands for"
            )
        value = declared["double"] if declared["double"] is not None else declared["single"]
        if len(value) > LONGEST_ENTITY:
            raise Invalid(f"the entity {name} is longer than {LONGEST_ENTITY} bytes; write it out")
        found[declared["name"]] = value.replace(b'"', b"&#34;")
    for name, value in found.items():
        if any(inner[1] not in PREDEFINED for inner in REFERENCE.finditer(value)):
            raise Invalid(
                f"the entity {name.decode(errors='replace')} is made of other entities; write them out"
            )
    return found
