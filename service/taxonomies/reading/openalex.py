"""Topics of OpenAlex, as its API, its CSV, and tables made of them give them: one row per topic, with its
path.

Ids become URIs. Two topics of one name have two ids and stay two.
"""

import re

from service.taxonomies.reading.tables import Row, Table, plain
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import INTERNAL, RDF, SKOS

LEVELS = ("domain", "field", "subfield", "topic")
NAMES = {"topic": ("topic", "topicname", "displayname", "topicdisplayname")}
TEXTS = ("desc", "description", "summary")
PARTS = re.compile(r"[\n;|]")
BASE = "https://openalex.org/"


def is_topics(header: list[str]) -> bool:
    """Whether a table has a column for each level."""
    names = {plain(name) for name in header}
    return all(names & set(_names(level)) for level in LEVELS) and bool(
        names & {"topic", "topicname", "topicid", "displayname"}
    )


def _names(level: str) -> tuple[str, ...]:
    return NAMES.get(level, (f"{level}name", f"{level}displayname", level))


def read(table: Table, scheme: str, staging: Staging) -> None:
    """Stages a table of topics."""
    columns = {plain(name): name for name in table.header}
    for number, row, _ in table.rows:
        above = ""
        for level in LEVELS:
            subject, name = _node(level, row, columns, above)
            if not name:
                staging.problem("syntax", "", f"row {number}: the topic has no {level}")
                break
            staging.link(subject, RDF + "type", SKOS + "Concept")
            staging.link(subject, SKOS + "inScheme", scheme)
            staging.value(subject, SKOS + "prefLabel", name, "en")
            if above:
                staging.link(subject, SKOS + "broader", above)
            above = subject
        else:
            _details(above, row, columns, staging)


def _node(level: str, row: Row, columns: dict[str, str], above: str) -> tuple[str, str]:
    """What a level of a row is called, and its name; without an id it is known by its path."""
    name = next((row[columns[key]] for key in _names(level) if row.get(columns.get(key, ""))), "")
    keys = ("topicid", "id") if level == "topic" else (f"{level}id",)
    id_ = next((row[columns[key]] for key in keys if row.get(columns.get(key, ""))), "")
    if not id_:
        return f"{INTERNAL}path:{above.removeprefix(INTERNAL + 'path:')}/{name}", name
    if "://" in id_:
        return id_, name
    if level == "topic":
        return f"{BASE}T{id_.removeprefix('T')}", name
    return f"{BASE}{id_ if '/' in id_ else f'{level}s/{id_}'}", name


def _details(subject: str, row: Row, columns: dict[str, str], staging: Staging) -> None:
    text = next((row[columns[key]] for key in TEXTS if row.get(columns.get(key, ""))), "")
    if text:
        staging.value(subject, SKOS + "definition", text, "en")
    for keyword in PARTS.split(row.get(columns.get("keywords", ""), "")):
        if keyword.strip():
            staging.value(subject, SKOS + "altLabel", keyword.strip(), "en")
