"""The name of each concept, and homonyms apart: two concepts of one name in one place stay two."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import xxhash

from graph.text import normal_name
from service.taxonomies.options import Options
from service.taxonomies.planning.hierarchy import Hierarchy
from service.taxonomies.planning.labels import LONGEST_NAME, best_name, matches, storable
from service.taxonomies.planning.schemes import last_part
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import SKOS, Role

ENGLISH = "en"
TABLES = """
CREATE TABLE named(n INTEGER PRIMARY KEY, name TEXT NOT NULL, missing INTEGER NOT NULL, notation TEXT);
CREATE TABLE sibling(place INTEGER, key INTEGER, n INTEGER);
"""
ROWS = """
SELECT concept.n, concept.uri, role.role, fact.value, fact.lang FROM concept
LEFT JOIN fact ON fact.s = concept.id AND fact.value IS NOT NULL AND fact.p IN ({predicates})
LEFT JOIN role ON role.p = fact.p {where} ORDER BY concept.n
"""
AT_ONCE = 5_000
Label = tuple[str, str]


def literal_labels(staging: Staging) -> None:
    """Gives concepts the plain labels that their SKOS-XL labels stand for, where there are none yet."""
    literal = staging.predicates(Role.literal_form)
    for role, plain in (
        (Role.xl_pref, "prefLabel"),
        (Role.xl_alt, "altLabel"),
        (Role.xl_hidden, "hiddenLabel"),
    ):
        number = staging.number(SKOS + plain)
        same = "AND value = label.value AND lang IS label.lang" if role is not Role.xl_pref else ""
        staging.db.execute(
            f"""
            INSERT INTO fact SELECT DISTINCT owner.s, {number}, NULL, label.value, label.lang, label.type
            FROM fact AS owner JOIN fact AS label ON label.s = owner.o
            WHERE owner.p IN ({staging.predicates(role)}) AND label.p IN ({literal})
            AND label.value IS NOT NULL
            AND NOT EXISTS (
                SELECT 1 FROM fact WHERE s = owner.s AND p = {number} {same}
            )
            """
        )


def languages(staging: Staging, options: Options) -> tuple[str, ...]:
    """The languages of names: those asked for, or English, or what most labels are in if few are English.

    Labels without a language follow English: where they are the commonest, that is what is wanted.
    """
    if options.languages:
        return options.languages
    said = staging.rows(
        f"SELECT value FROM fact WHERE p IN ({staging.predicates(Role.own_language)}) LIMIT 1"
    )
    if (own := next(said, None)) and own[0]:
        return (own[0],)
    counted = staging.rows(
        "SELECT fact.lang, count(*) FROM fact JOIN concept ON concept.id = fact.s "
        f"WHERE fact.p IN ({staging.predicates(Role.pref_label)}) AND fact.value IS NOT NULL "
        # Of two that are as common, the one without a language is first.
        "GROUP BY fact.lang ORDER BY count(*) DESC, fact.lang"
    )
    commonest, most = next(counted, (ENGLISH, 0))
    if not commonest or matches(commonest, ENGLISH):
        return (ENGLISH,)
    english = sum(count for lang, count in counted if lang and matches(lang, ENGLISH))
    return (ENGLISH,) if english * 2 >= most else (commonest,)


def name_all(staging: Staging, hierarchy: Hierarchy, wanted: Sequence[str]) -> None:
    """Names each concept that is planned."""
    staging.db.executescript(TABLES)
    rows = staging.rows(ROWS.format(predicates=_predicates(staging), where=""))
    batch: list[tuple[Any, ...]] = []
    for n, labels in groupby(rows, key=itemgetter(0)):
        if hierarchy.active[n]:
            batch.append((n, *_named(staging, list(labels), wanted)))
        if len(batch) >= AT_ONCE:
            staging.db.executemany("INSERT INTO named VALUES (?, ?, ?, ?)", batch)
            batch.clear()
    staging.db.executemany("INSERT INTO named VALUES (?, ?, ?, ?)", batch)


def name_some(staging: Staging, nodes: Iterable[int], wanted: Sequence[str]) -> None:
    """Names concepts that are not planned themselves, such as topics."""
    for node in sorted(nodes):
        rows = list(
            staging.rows(ROWS.format(predicates=_predicates(staging), where="WHERE concept.n = ?"), [node])
        )
        staging.db.execute(
            "INSERT OR IGNORE INTO named VALUES (?, ?, ?, ?)", (node, *_named(staging, rows, wanted))
        )


def _predicates(staging: Staging) -> str:
    return staging.predicates(Role.own_name, Role.pref_label, Role.title, Role.notation)


def _named(
    staging: Staging, rows: list[tuple[Any, ...]], wanted: Sequence[str]
) -> tuple[str, int, str | None]:
    """The name, whether the file gives none, and the first notation."""
    uri = rows[0][1]
    by_role: dict[int, list[Label]] = {}
    for _, _, role, value, lang in sorted({(*row[:3], row[3] or "", row[4] or "") for row in rows}, key=str):
        by_role.setdefault(role or 0, []).append((value, lang))
    notation = next((value for value, _ in by_role.get(Role.notation, ())), None)
    preferred = sorted(by_role.get(Role.pref_label, ()))
    _check_languages(staging, uri, preferred)
    for labels in (sorted(by_role.get(Role.own_name, ())), preferred, sorted(by_role.get(Role.title, ()))):
        name, label, lang = best_name(labels, wanted)
        if name:
            if lang and not any(matches(lang, language) for language in wanted):
                staging.problem(
                    "no_language", uri, f"there is no label in {', '.join(wanted)}: {name}@{lang}"
                )
            if len(label) > LONGEST_NAME:
                staging.problem("too_long", uri, f"the name has {len(label):,} characters and is cut")
            return name, 0, notation
    name = storable(notation or "") or storable(last_part(uri)) or "?"
    staging.problem("no_label", uri, f"there is no label; it is named {name}")
    return name, 1, notation


def _check_languages(staging: Staging, uri: str, labels: list[Label]) -> None:
    """Two preferred labels in one language are a problem; the second becomes an alternative one."""
    by_language: dict[str, list[str]] = {}
    for value, lang in labels:
        by_language.setdefault(lang, []).append(value)
    for lang, values in by_language.items():
        if len(values) > 1:
            said = f" in {lang}" if lang else ""
            staging.problem(
                "two_prefLabels", uri, f"{len(values)} preferred labels{said}: {' | '.join(values)}"
            )


class Homonyms:
    """Renames concepts that would have the name of another one in the same place."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._next: dict[str, int] = {}

    def note(self, rows: Iterator[tuple[int, int, int, str]]) -> None:
        """Takes all concepts as place, kind, number and name."""
        self._staging.db.executemany(
            "INSERT INTO sibling VALUES (?, ?, ?)",
            ((place, name_key(kind, name), n) for place, kind, n, name in rows),
        )

        self._staging.db.execute("CREATE INDEX sibling_at ON sibling(place, key, n)")
        self._staging.db.execute("CREATE INDEX sibling_of ON sibling(n)")

    def tell_apart(self, kind_of: Sequence[int], other_parent: Callable[[int], str]) -> None:
        """Renames all but the first in each place. `other_parent`: the name of a second parent, or ""."""
        later = self._staging.rows(
            """
            SELECT DISTINCT s.n FROM sibling AS s JOIN (
                SELECT place, key, min(n) AS first FROM sibling GROUP BY place, key HAVING count(*) > 1
            ) AS shared USING (place, key) WHERE s.n <> shared.first ORDER BY s.n
            """
        )
        for n in [int(n) for [n] in later]:
            self._rename(n, kind_of[n], other_parent(n))

    def _rename(self, n: int, kind: int, parent: str) -> None:
        rows = self._staging.rows
        name, notation, uri = next(
            rows("SELECT name, notation, uri FROM named JOIN concept USING (n) WHERE n = ?", [n])
        )
        places = [place for [place] in rows("SELECT DISTINCT place FROM sibling WHERE n = ?", [n])]
        new = next(
            text for text in self._candidates(name, notation, parent) if self._is_free(text, kind, places)
        )
        self._staging.problem("homonym", uri, f"{name} is the name of another one there; it is named {new}")
        self._staging.db.execute("UPDATE named SET name = ? WHERE n = ?", (new, n))
        self._staging.db.executemany(
            "INSERT INTO sibling VALUES (?, ?, ?)",
            [(place, name_key(kind, new), n) for place in places],
        )

    def _candidates(self, name: str, notation: str | None, parent: str) -> Iterator[str]:
        short = name[: LONGEST_NAME // 2]
        for told in (notation, parent):
            if told and (text := storable(f"{short} ({told[: LONGEST_NAME // 3]})")):
                yield text
        while True:
            self._next[name] = self._next.get(name, 1) + 1
            yield f"{short} ({self._next[name]})"

    def _is_free(self, name: str, kind: int, places: list[int]) -> bool:
        key = name_key(kind, name)
        return not any(
            next(
                self._staging.rows("SELECT 1 FROM sibling WHERE place = ? AND key = ? LIMIT 1", [place, key]),
                None,
            )
            for place in places
        )


def name_key(kind: int, name: str) -> int:
    """A number that is the same for names that the graph takes for the same."""
    return xxhash.xxh3_64_intdigest(f"{kind} {normal_name(name)}".encode()) - 2**63
