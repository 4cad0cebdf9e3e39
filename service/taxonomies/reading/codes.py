"""Tables of codes and labels: ISCED-F, CIP, ANZSRC, ANZSIC, ISCO, NACE, MSC2020, ESCO, and any other like
them.

What stands above a code is what the table says; else the longest shorter code that it begins with; else,
where codes do not begin like those above them (NACE: A, 01, 01.1), the last row of a higher level.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from service.taxonomies.reading.presets import Preset
from service.taxonomies.reading.tables import Row, Table
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import DCT, INTERNAL, OWL, RDF, SKOS, XSD

CONCEPT = SKOS + "Concept"
# As in MSC2020: 00-XX and 00Axx.
PLACEHOLDERS = re.compile(r"(?:(?<=[A-Z])xx|-XX)$")
PARTS = re.compile(r"[\n|]")
LEVEL_WORDS = (
    ("section", "broad", "domain", "major"), ("division", "narrow", "field", "submajor"),
    ("group", "detailed", "subfield", "minor"), ("class", "topic", "unit"),
)  # fmt: skip
DEPRECATED = re.compile(r"\b(?:deprecated|obsolete|deleted|withdrawn|retired)\b", re.IGNORECASE)
MOVED = re.compile(r"\bmoved\b", re.IGNORECASE)
MOVED_TO = re.compile(r"\bmoved\b.*?\bto\s+(?:code\s+)?([\d.]+)", re.IGNORECASE)
RESERVED = re.compile(r"^\s*\(?reserved\)?\.?\s*$", re.IGNORECASE)


def stem(code: str) -> str:
    """The part of a code that codes below it begin with: 00 of 00-XX, 00A of 00Axx."""
    return PLACEHOLDERS.sub("", code)


@dataclass
class _Above:
    """What stands above codes: those that were read, by their stems, and the last one of each level."""

    levels: tuple[int, ...] = ()
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
        for length in range(len(whole) - 1, 0, -1):
            above = self.stems.get(whole[:length].rstrip(".-/ ")) or self.stems.get(whole[:length])
            if above and above != code and (not self.levels or len(stem(above)) in self.levels):
                return above
        higher = [known for known in self.last if level is not None and known < level]
        return self.last[max(higher)] if higher else ""


def read(table: Table, preset: Preset, levels: tuple[int, ...], scheme: str, staging: Staging) -> None:
    """Stages a table. `levels`: lengths of codes from the top down; other codes are left out."""
    rows = _Rows(table, preset, levels, scheme, staging)
    if not rows.code and not rows.uri:
        for _, row in table.rows:
            rows.flat(row)
        return
    # A code may stand before the one above it, so the codes are known before their places are.
    rows.place([placed for number, row in table.rows if (placed := rows.stage(number, row))])


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
        self.code, self.uri = table.column("code"), table.column("uri")
        self._parent, self._parent_uri = table.column("parent"), table.column("parent_uri")
        self._level, self._status = table.column("level"), table.column("status")
        self._type, self._action = table.column("type"), table.column("action")
        self._labels = table.columns("label")
        self._texts = [(SKOS + "definition", table.columns("description"))]
        self._lists = [
            (SKOS + "altLabel", table.columns("alt")),
            (SKOS + "hiddenLabel", table.columns("hidden")),
        ]
        self._preset, self._scheme, self._staging = preset, scheme, staging
        self._above = _Above(levels or preset.levels)
        self._pillars: set[str] = set()

    def subject(self, row: Row) -> str:
        """What a row's concept is called."""
        uri = row.get(self.uri, "") if self.uri else ""
        return uri or (f"{INTERNAL}code:{row[self.code]}" if row.get(self.code) else "")

    def flat(self, row: Row) -> None:
        """Stages a row of a list without codes."""
        names = [row.get(name, "") for name, _ in self._labels]
        if any(names):
            subject = f"{INTERNAL}name:{next(filter(None, names))}"
            self._staging.link(subject, RDF + "type", CONCEPT)
            self._staging.link(subject, SKOS + "inScheme", self._scheme)
            self._describe(subject, row)

    def stage(self, number: int, row: Row) -> _Placed | None:
        """Stages what a row says of its concept; returns what has still to be placed."""
        code, subject = row.get(self.code, ""), self.subject(row)
        if not subject:
            if any(row.values()):
                self._staging.problem("syntax", "", f"line {number}: there is no code")
            return None
        labels = [row.get(name, "") for name, _ in self._labels]
        has_parent = self._link_parents(subject, row)
        if (has_parent and not any(labels)) or self._is_left_out(number, subject, code, labels):
            return None
        self._staging.link(subject, RDF + "type", CONCEPT)
        self._staging.link(subject, SKOS + "inScheme", self._scheme)
        if code:
            self._staging.value(subject, SKOS + "notation", code)
        self._describe(subject, row)
        self._mark(subject, row)
        if not code or self._parent or self._parent_uri or self._preset.pillars:
            return None
        return _Placed(subject, code, row.get(self._level, "").lower().replace("-", ""))

    def _link_parents(self, subject: str, row: Row) -> bool:
        found = [row[name] for name in (self._parent, self._parent_uri) if row.get(name)]
        for parent in found:
            self._staging.link(subject, SKOS + "broader", self._called(parent))
        return bool(found)

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
        for name, lang in self._labels:
            if text := self._preset.label(row.get(name, "")):
                self._staging.value(subject, SKOS + "prefLabel", text, lang)
        for predicate, columns in self._texts:
            for name, lang in columns:
                if text := row.get(name, ""):
                    self._staging.value(subject, predicate, text, lang)
        for predicate, columns in self._lists:
            for name, lang in columns:
                for text in filter(None, map(str.strip, PARTS.split(row.get(name, "")))):
                    self._staging.value(subject, predicate, text, lang)

    def _mark(self, subject: str, row: Row) -> None:
        """Stages whether a concept is deprecated, what replaces it, and its pillar."""
        said = f"{row.get(self._action, '')} {row.get(self._status, '')}"
        if DEPRECATED.search(said) or MOVED.search(said):
            self._staging.value(subject, OWL + "deprecated", "true", type_=XSD + "boolean")
            if moved := MOVED_TO.search(" ".join([said, *row.values()])):
                self._staging.link(subject, DCT + "isReplacedBy", f"{INTERNAL}code:{moved[1].rstrip('.')}")
        if pillar := self._preset.pillars.get(row.get(self._type, "")):
            top = f"{INTERNAL}pillar:{pillar}"
            if pillar not in self._pillars:
                self._pillars.add(pillar)
                self._staging.link(top, RDF + "type", CONCEPT)
                self._staging.link(top, SKOS + "inScheme", self._scheme)
                self._staging.value(top, SKOS + "prefLabel", pillar)
            self._staging.link(subject, SKOS + "broaderTransitive", top)

    def place(self, codes: list[_Placed]) -> None:
        """Stages what stands above each code."""
        lengths = sorted({len(stem(placed.code)) for placed in codes})
        for placed in codes:
            self._above.stems.setdefault(stem(placed.code), placed.code)
        for placed in codes:
            level = self._level_of(placed.code, placed.said, lengths)
            if above := self._above.of(placed.code, level):
                self._staging.link(placed.subject, SKOS + "broader", self._called(above))
            self._above.note(placed.code, level)

    def _called(self, code: str) -> str:
        return code if "://" in code else f"{INTERNAL}code:{code}"

    def _level_of(self, code: str, said: str, lengths: list[int]) -> int | None:
        """The level that a row names, counted from 1, or that the length of its code has."""
        if said.isdecimal():
            return int(said)
        if said:
            return next((n for n, words in enumerate(LEVEL_WORDS, 1) if any(w in said for w in words)), None)
        known = list(self._above.levels) or lengths
        return known.index(len(stem(code))) + 1 if len(stem(code)) in known else None
