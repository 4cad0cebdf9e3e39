"""SSSOM: the mappings of a taxonomy to others as a table (https://mapping-commons.github.io/sssom)."""

import csv
import io
import re
from collections import Counter
from typing import IO

from service.taxonomies.vocabulary import SKOS
from service.taxonomies.writing import labels
from service.taxonomies.writing.addresses import iri
from service.taxonomies.writing.collection import Collection
from service.taxonomies.writing.options import ExportOptions

COLUMNS = ("subject_id", "subject_label", "predicate_id", "object_id", "mapping_justification")
SPACE = re.compile(r"^(.*[/#:])([^/#:]+)$", re.DOTALL)
MOST_PREFIXES = 1_000
KNOWN = {"semapv": "https://w3id.org/semapv/vocab/", "skos": SKOS}


def write(collection: Collection, options: ExportOptions, file: IO[bytes]) -> None:
    """Writes all mappings in the order of the taxonomy, with the prefixes of their IRIs before them."""
    spaces: Counter[str] = Counter()
    for member in collection.members():
        for _, target in _mappings(member.node, options):
            spaces.update(_split(one)[0] for one in (member.uri, target))
    often = sorted(spaces.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_PREFIXES]
    prefixes = {space: f"n{n}" for n, (space, _) in enumerate(often, 1) if space}
    file.write(b"#curie_map:\n")
    for name, space in sorted([*KNOWN.items(), *((name, space) for space, name in prefixes.items())]):
        file.write(f'#  {name}: "{space}"\n'.encode())
    text = io.StringIO()
    rows = csv.writer(text, delimiter="\t", lineterminator="\n")
    rows.writerow(COLUMNS)
    for member in collection.members():
        for name, target in _mappings(member.node, options):
            ids = [_short(one, prefixes) for one in (member.uri, target)]
            rows.writerow([ids[0], member.name, f"skos:{name}", ids[1], "semapv:UnspecifiedMatching"])
        file.write(text.getvalue().encode())
        text.seek(0)
        text.truncate()


def _mappings(node: dict[str, object], options: ExportOptions) -> list[tuple[str, str]]:
    return [
        (name, iri(str(one), options.base)) for name in labels.MATCHES for one in labels.listed(node, name)
    ]


def _split(address: str) -> tuple[str, str]:
    found = SPACE.match(address)
    return (found[1], found[2]) if found else ("", address)


def _short(address: str, prefixes: dict[str, str]) -> str:
    space, rest = _split(address)
    return f"{prefixes[space]}:{rest}" if space in prefixes else address
