"""Tables of codes and labels: ISCED-F, CIP, ANZSRC, ANZSIC, ISCO, NACE, MSC2020, ESCO, and any other like
them.

What stands above a code is what the table says; else the longest shorter code that it begins with; else,
where codes do not begin like those above them (NACE: A, 01, 01.1), the last row of a higher level.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from service.taxonomies.columns import property_of
from service.taxonomies.lookup import Lookup
from service.taxonomies.reading.presets import Preset
from service.taxonomies.reading.rdf import IRI
from service.taxonomies.reading.tables import NOTES, REPEATED, Line, Row, Table
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import DCT, INTERNAL, JSON, OWL, OWN_PROPERTY, RDF, SKOS, XSD

CONCEPT = SKOS + "Concept"
# As in MSC2020: 00-XX and 00Axx.
PLACEHOLDERS = re.compile(r"(?:(?<=[A-Z])xx|-XX)$")
PARTS = re.compile(r"[\n|]")
SEPARATED_BY = ".-/ "
SEPARATORS = re.compile(r"[.\-/ ]")
TARGETS = re.compile(r"\s*[\n|;,]\s*")
# As in "Level 1", "L1" and "4-digit", but not in "ISCO-08".
LEVEL_NUMBER = re.compile(r"(?:\blevel[\s_-]*|\bl|(?<![\w.-]))(\d{1,2})(?![\w.])", re.IGNORECASE)
LEVEL_WORDS = (
    ("section", "broad", "domain", "major"), ("division", "narrow", "field", "submajor"),
    ("group", "detailed", "subfield", "minor"), ("class", "topic", "unit"),
)  # fmt: skip
DEPRECATED = re.compile(r"\b(?:deprecated|obsolete|deleted|withdrawn|retired)\b", re.IGNORECASE)
MOVED = re.compile(r"\bmoved\b", re.IGNORECASE)
MOVED_TO = re.compile(r"\bmoved\b.*?\bto\s+(?:code\s+)?([\d.]+)", re.IGNORECASE)
RESERVED = re.compile(r"^\s*\(?reserved\)?\.?\s*$", re.IGNORECASE)
TEXTS = {role: SKOS + role for role in NOTES}
LISTS = ("altLabel", "hiddenLabel")
MAPPINGS = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
LINKS = {
    "parent": SKOS + "broader", "parent_uri": SKOS + "broader", "narrower": SKOS + "narrower",
    "related": SKOS + "related", **{role: SKOS + role for role in MAPPINGS},
}  # fmt: skip
# Targets of these are concepts of the file, known or not.
PLACING = (SKOS + "broader", SKOS + "narrower", DCT + "isReplacedBy")
# Properties that a plan makes itself are called so, with a language or without.
PLANNED = {
    *LINKS, *LISTS, *NOTES, "prefLabel", "rdf", "topics", "replacedBy", "broaderRedundant", "nameMissing",
    "deprecated", "position",
}  # fmt: skip
AT_ONCE = 5_000
WAITING = """
CREATE TABLE IF NOT EXISTS waiting(subject TEXT, predicate TEXT, said TEXT, name TEXT)
"""


def stem(code: str) -> str:
    """The part of a code that codes below it begin with: 00 of 00-XX, 00A of 00Axx."""
    return PLACEHOLDERS.sub("", code)


class _Counted:
    """Where the last parts of codes are counted, as in 1.1, 1.2, ..., 1.10: there 1.10 is not below 1.1.

    Codes that are digits of a tree have zeros to be of one length (NACE: 01.1, 01.11), or no 1 beside
    longer parts (UDC: 51, 53, 537.3).
    """

    def __init__(self, codes: Iterable[str]) -> None:
        self._groups: set[str] = set()
        parts = [_parts(code) for code in codes]
        padded = any(part.isdecimal() and part[0] == "0" and len(part) > 1 for _, part in parts)
        if not padded and any(group for group, _ in parts):
            self._groups = {group for group, part in parts if part == "1"}

    def __bool__(self) -> bool:
        return bool(self._groups)

    def longest_above(self, code: str) -> int:
        """The length of the longest code that may stand above one, by what both begin with."""
        group, part = _parts(code)
        is_counted = group in self._groups and part.isdecimal()
        return (len(group) + 1 if group else 0) if is_counted else len(code) - 1


def _parts(code: str) -> tuple[str, str]:
    """What stands before the last separator of a code, and after it."""
    group, _, part = SEPARATORS.sub(".", code.rstrip(SEPARATED_BY)).rpartition(".")
    return code[: len(group)], part


@dataclass
class _Above:
    """What stands above codes: those that were read, by their stems, and the last one of each level."""

    levels: tuple[int, ...] = ()
    counted: _Counted = field(default_factory=lambda: _Counted(()))
    stems: dict[str, str] = field(default_factory=dict[str, str])
    last: dict[int, str] = field(default_factory=dict[int, str])

    def note(self, code: str, level: int | None) -> None:
        """Remembers a code."""
        self.stems.setdefault(stem(code), code)
        if level is not None:
            self.last[level] = code
            for lower in [known for known in self.last if known > level]:
                del self.last[lower]

    def of(self, code: str, level: int | None) -> str:
        """The code above; empty if there is none."""
        if level == 1 and (not self.levels or len(code) == self.levels[0]):
            return ""
        whole = stem(code)
        for length in range(self.counted.longest_above(whole), 0, -1):
            above = self.stems.get(whole[:length].rstrip(SEPARATED_BY)) or self.stems.get(whole[:length])
            if above and above != code and (not self.levels or len(stem(above)) in self.levels):
                return above
        higher = [known for known in self.last if level is not None and known < level]
        return self.last[max(higher)] if higher else ""


def read(table: Table, preset: Preset, levels: tuple[int, ...], scheme: str, staging: Staging) -> None:
    """Stages a table. `levels`: lengths of codes from the top down; other codes are left out."""
    rows = _Rows(table, preset, levels, scheme, staging)
    # A code may stand before the one above it, so the codes are known before their places are.
    rows.place([placed for line in table.rows if (placed := rows.stage(line))])
    rows.link_all()


class _Placed(NamedTuple):
    """A code whose place follows from the others."""

    subject: str
    code: str
    said: str
    """What the row says of its level."""


class _Rows:
    """Turns the rows of one table into statements."""

    def __init__(
        self, table: Table, preset: Preset, levels: tuple[int, ...], scheme: str, staging: Staging
    ) -> None:
        self._code, self._uri = table.column("code"), table.column("uri")
        self._level, self._status = table.column("level"), table.column("status")
        self._type, self._action = table.column("type"), table.column("action")
        self._labels = table.columns("label")
        self._texts = [(role, table.columns(role)) for role in TEXTS if table.columns(role)]
        self._lists = [(role, name, lang) for role in LISTS for name, lang in table.columns(role)]
        self._links = [(role, name) for role in LINKS for name, _ in table.columns(role)]
        self._has_parents = any(LINKS[role] == SKOS + "broader" for role, _ in self._links)
        self._preset, self._scheme, self._staging = preset, scheme, staging
        self._others = self._properties(table)
        self._above = _Above(levels or preset.levels)
        self._pillars: set[str] = set()
        self._known = Lookup(staging.db, "coded")
        self._named: list[tuple[str, str]] = []
        self._links_said: list[tuple[str, str, str, str]] = []
        self._within: list[str] = []
        self._flat: dict[str, dict[int, str]] = {}
        staging.db.executescript(WAITING)

    def _properties(self, table: Table) -> dict[str, str]:
        """The properties in which columns are kept that have no use of their own, by columns."""
        used = {
            self._code, self._uri, self._level,
            *(name for name, _ in self._labels), *(name for _, some in self._texts for name, _ in some),
            *(name for _, name, _ in self._lists), *(name for _, name in self._links),
        }  # fmt: skip
        found: dict[str, str] = {}

        def warn(text: str) -> None:
            self._staging.problem("column", "", text)

        for name in table.header:
            if name not in used:
                found[name] = property_of(_free(name), found.values(), warn)
                if REPEATED.search(name):
                    warn(f"two columns have one name; the later one is stored as the property {name!r}")
        return found

    def stage(self, line: Line) -> _Placed | None:
        """Stages what a row says of its concept; returns what has still to be placed."""
        row, code = line.cells, line.cells.get(self._code, "")
        labels = [row.get(name, "") for name, _ in self._labels]
        subject = self._subject(row, code, labels)
        self._within[line.depth :] = [subject]
        if not subject:
            if any(row.values()):
                what = "code" if self._code or self._uri else "name"
                self._staging.problem("syntax", "", f"line {line.number}: there is no {what}")
            return None
        self._link(subject, row, line.depth)
        # Rows without names say only what stands where, as in the broaderRelations of ESCO.
        if not self._labels or self._is_left_out(line.number, subject, code, labels):
            return None
        self._staging.link(subject, RDF + "type", CONCEPT)
        self._staging.link(subject, SKOS + "inScheme", self._scheme)
        if code:
            self._staging.value(subject, SKOS + "notation", code)
        self._describe(subject, row)
        self._mark(subject, row)
        if not code or self._has_parents or self._preset.pillars:
            return None
        return _Placed(subject, code, row.get(self._level, ""))

    def _subject(self, row: Row, code: str, labels: list[str]) -> str:
        """What a row's concept is called; empty if the row does not say it."""
        if self._code or self._uri:
            subject = row.get(self._uri, "") or (f"{INTERNAL}code:{code}" if code else "")
            names = {code, subject} - {""}
        else:
            name = next(filter(None, labels), "")
            subject = self._listed(name, row) if name else ""
            names = {name} - {""}
        self._named += [(name, subject) for name in names]
        if len(self._named) >= AT_ONCE:
            self._flush()
        return subject

    def _flush(self) -> None:
        """Writes what waits for the last row."""
        self._known.keep(self._named)
        self._staging.db.executemany("INSERT INTO waiting VALUES (?, ?, ?, ?)", self._links_said)
        self._named.clear()
        self._links_said.clear()

    def _listed(self, name: str, row: Row) -> str:
        """What a concept of a list without codes is called; rows that differ are concepts that differ."""
        rows = self._flat.setdefault(name, {})
        again = "" if not rows else f"#{len(rows) + 1}"
        return rows.setdefault(hash(tuple(row.values())), f"{INTERNAL}name:{name}{again}")

    def _link(self, subject: str, row: Row, depth: int) -> None:
        """Remembers what a row links its concept to, and stages what it stands within."""
        if depth and (above := self._within[depth - 1]):
            self._staging.link(subject, SKOS + "broader", above)
            self._has_parents = True
        for role, name in self._links:
            if said := row.get(name):
                self._has_parents |= role == "narrower"
                self._wait(subject, LINKS[role], said, name)

    def _wait(self, subject: str, predicate: str, said: str, column: str = "") -> None:
        self._links_said.append((subject, predicate, said, column))

    def _is_left_out(self, number: int, subject: str, code: str, labels: list[str]) -> bool:
        """Whether a row is left out on purpose, which is recorded."""
        levels = self._above.levels
        if levels and code and len(stem(code)) not in levels and len(code) not in levels:
            self._staging.drop("level", subject, f"line {number}: {code} has none of the lengths asked for")
        elif any(RESERVED.match(label) for label in labels):
            self._staging.drop("reserved", subject, f"line {number}: {code} is reserved")
        else:
            return False
        return True

    def _describe(self, subject: str, row: Row) -> None:
        for n, text, lang in _by_language(row, self._labels):
            if name := self._preset.label(text):
                self._staging.value(subject, SKOS + ("altLabel" if n else "prefLabel"), name, lang)
        for role, columns in self._texts:
            for n, text, lang in _by_language(row, columns):
                self._staging.value(subject, SKOS + "note" if n else TEXTS[role], text, lang)
        for role, name, lang in self._lists:
            for text in filter(None, map(str.strip, PARTS.split(row.get(name, "")))):
                self._staging.value(subject, SKOS + role, text, lang)
        for name, kept in self._others.items():
            if text := row.get(name):
                self._keep(subject, kept, text)

    def _keep(self, subject: str, name: str, text: str) -> None:
        self._staging.value(subject, OWN_PROPERTY + name, json.dumps(text, ensure_ascii=False), type_=JSON)

    def _mark(self, subject: str, row: Row) -> None:
        """Stages whether a concept is deprecated, what replaces it, and its pillar."""
        said = f"{row.get(self._action, '')} {row.get(self._status, '')}"
        if DEPRECATED.search(said) or MOVED.search(said):
            self._staging.value(subject, OWL + "deprecated", "true", type_=XSD + "boolean")
            if moved := MOVED_TO.search(" ".join([said, *row.values()])):
                self._wait(subject, DCT + "isReplacedBy", moved[1].rstrip("."))
        if pillar := self._preset.pillars.get(row.get(self._type, "")):
            top = f"{INTERNAL}pillar:{pillar}"
            if pillar not in self._pillars:
                self._pillars.add(pillar)
                self._staging.link(top, RDF + "type", CONCEPT)
                self._staging.link(top, SKOS + "inScheme", self._scheme)
                self._staging.value(top, SKOS + "prefLabel", pillar)
            self._staging.link(subject, SKOS + "broaderTransitive", top)

    def place(self, codes: list[_Placed]) -> None:
        """Stages what stands above each code, unless the table says it."""
        if self._has_parents:
            return
        lengths = sorted({len(stem(placed.code)) for placed in codes})
        self._above.counted = _Counted(placed.code for placed in codes)
        subjects: dict[str, str] = {}
        for placed in codes:
            self._above.stems.setdefault(stem(placed.code), placed.code)
            subjects.setdefault(placed.code, placed.subject)
        levels = [self._level_of(placed.code, placed.said, lengths) for placed in codes]
        from_zero = 0 in levels
        for placed, found in zip(codes, levels, strict=True):
            level = found + from_zero if found is not None else None
            if above := self._above.of(placed.code, level):
                self._staging.link(placed.subject, SKOS + "broader", subjects[above])
            self._above.note(placed.code, level)

    def _level_of(self, code: str, said: str, lengths: list[int]) -> int | None:
        """The level that a row names, or that the length of its code has, counted from 1."""
        if said:
            return self._level_said(code, said)
        known = list(self._above.levels) or lengths
        if self._above.counted and not self._above.levels:
            return len(SEPARATORS.split(code.rstrip(SEPARATED_BY)))
        return known.index(len(stem(code))) + 1 if len(stem(code)) in known else None

    def _level_said(self, code: str, said: str) -> int | None:
        if number := LEVEL_NUMBER.search(said):
            return int(number[1])
        text = said.lower().replace("-", "")
        found = next((n for n, words in enumerate(LEVEL_WORDS, 1) if any(w in text for w in words)), None)
        if found is None:
            self._staging.problem("column", "", f"the level {said!r} of {code} is not understood")
        return found

    def link_all(self) -> None:
        """Stages the links of all rows, now that every code is known."""
        self._flush()
        waiting = self._staging.rows("SELECT subject, predicate, said, name FROM waiting ORDER BY rowid")
        while some := [*islice(waiting, AT_ONCE)]:
            known = self._known.of(part for *_, said, _ in some for part in (said, *TARGETS.split(said)))
            for subject, predicate, said, column in some:
                unknown = [
                    text
                    for text in _targets(said, known)
                    if not self._linked(subject, predicate, text, known)
                ]
                if unknown:
                    self._keep(subject, _free(column), "\n".join(unknown))
        self._staging.db.execute("DELETE FROM waiting")

    def _linked(self, subject: str, predicate: str, said: str, known: dict[str, str]) -> bool:
        """Stages a link, unless it leads to what is neither known nor has an address."""
        target = known.get(said) or (said if IRI.fullmatch(said) else "")
        if not target and predicate in PLACING:
            target = f"{INTERNAL}code:{said}"
        if target:
            self._staging.link(subject, predicate, target)
        return bool(target)


def _free(name: str) -> str:
    """A column's name, or another one if a plan makes a property of that name itself."""
    return f"csv_{name}" if name.partition("_")[0] in PLANNED else name


def _by_language(row: Row, columns: list[tuple[str, str]]) -> Iterator[tuple[int, str, str]]:
    """The different texts in columns with their languages; n counts those of one language, from 0."""
    found: dict[str, list[str]] = {}
    for name, lang in columns:
        texts = found.setdefault(lang, [])
        if (text := row.get(name, "")) and text not in texts:
            texts.append(text)
            yield len(texts) - 1, text, lang


def _targets(said: str, known: dict[str, str]) -> list[str]:
    """What a cell links to: a code or URI, or several."""
    if said in known:
        return [said]
    parts = [part for part in TARGETS.split(said) if part]
    if any(part in known for part in parts):
        return parts
    return [said] if IRI.fullmatch(said) else [part for part in map(str.strip, PARTS.split(said)) if part]
