"""Which concepts and schemes the files have, numbered in the order of their URIs."""

from collections.abc import Iterator
from dataclasses import dataclass

from graph.errors import Invalid
from service.taxonomies.options import Options, Top
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import (
    COLLECTION_TYPES,
    CONCEPT_TYPES,
    INTERNAL,
    LABEL_TYPES,
    SCHEME_TYPES,
    Role,
)  # fmt: skip

NO_CONCEPTS = (
    "the file has no concepts: nothing in it is a skos:Concept or has one above it; an ontology of classes "
    "has to be made into SKOS first"
)
TABLES = """
CREATE TABLE typed(id INTEGER, what TEXT, PRIMARY KEY(id, what)) WITHOUT ROWID;
CREATE TABLE scheme(k INTEGER PRIMARY KEY, id INTEGER UNIQUE, uri TEXT, label TEXT);
CREATE TABLE concept(n INTEGER PRIMARY KEY, id INTEGER UNIQUE, uri TEXT, at INTEGER, what TEXT);
CREATE TABLE membership(n INTEGER, k INTEGER, top INTEGER, PRIMARY KEY(n, k)) WITHOUT ROWID;
"""
CONCEPT, COLLECTION, SCHEME = "concept", "collection", "scheme"
LABELS = (Role.pref_label, Role.xl_pref, Role.title, Role.notation)
RELATIONS = (Role.broader, Role.narrower, Role.broader_transitive, Role.narrower_transitive, Role.related)


@dataclass(frozen=True)
class Scheme:
    """A concept scheme, or what stands for one where the file has none."""

    number: int
    uri: str
    label: str
    concepts: int = 0

    @property
    def shown_uri(self) -> str:
        """The URI; empty if the file gives none."""
        return "" if self.uri.startswith((INTERNAL, "_:")) else self.uri


def find(staging: Staging, options: Options) -> None:
    """Fills the tables of concepts and schemes; raises Invalid if there are no concepts."""
    staging.db.executescript(TABLES)
    for what, types in (
        (CONCEPT, CONCEPT_TYPES), (SCHEME, SCHEME_TYPES), (COLLECTION, COLLECTION_TYPES),
        ("label", LABEL_TYPES),
    ):  # fmt: skip
        _find_typed(staging, what, types)
    _find_schemes(staging)
    _find_untyped(staging)
    _number(staging, options.top)
    if not next(staging.rows("SELECT 1 FROM concept WHERE what = ? LIMIT 1", [CONCEPT]), None):
        raise Invalid(NO_CONCEPTS)
    _find_members(staging)


def _find_typed(staging: Staging, what: str, types: tuple[str, ...]) -> None:
    """What has one of the types, or a type that the file declares as a special case of one."""
    numbers = ",".join(f"({staging.number(type_)})" for type_ in types)
    staging.flush()
    staging.db.execute(
        f"""
        INSERT OR IGNORE INTO typed
        WITH RECURSIVE class(id) AS (
            VALUES {numbers}
            UNION
            SELECT fact.s FROM class JOIN fact ON fact.o = class.id
            WHERE fact.p IN ({staging.predicates(Role.sub_class)})
        )
        SELECT DISTINCT s, ? FROM fact WHERE p IN ({staging.predicates(Role.type)})
        AND o IN (SELECT id FROM class)
        """,
        (what,),
    )


def _find_schemes(staging: Staging) -> None:
    into, has = (Role.in_scheme, Role.top_concept_of), Role.has_top_concept
    staging.db.execute(
        f"""
        INSERT INTO scheme(k, id, uri)
        SELECT row_number() OVER (ORDER BY uri) - 1, id, uri FROM node WHERE id IN (
            SELECT id FROM typed WHERE what = '{SCHEME}'
            UNION SELECT o FROM fact WHERE o IS NOT NULL AND p IN ({staging.predicates(*into)})
            UNION SELECT s FROM fact WHERE o IS NOT NULL AND p IN ({staging.predicates(has)})
        ) AND id NOT IN (SELECT id FROM typed WHERE what IN ('{CONCEPT}', '{COLLECTION}'))
        """
    )


def _find_untyped(staging: Staging) -> None:
    """Concepts that have no type, but a label and a place among others."""
    labels = staging.predicates(*LABELS)
    staging.db.execute(
        f"""
        INSERT OR IGNORE INTO typed
        SELECT id, '{CONCEPT}' FROM (
            SELECT s AS id FROM fact WHERE o IS NOT NULL
            AND p IN ({staging.predicates(*RELATIONS, Role.in_scheme, Role.top_concept_of)})
            UNION SELECT o FROM fact WHERE o IS NOT NULL
            AND p IN ({staging.predicates(*RELATIONS, Role.has_top_concept)})
        ) WHERE id NOT IN (SELECT id FROM typed) AND id NOT IN (SELECT id FROM scheme)
        AND id IN (SELECT s FROM fact WHERE p IN ({labels}))
        """
    )


def _number(staging: Staging, top: Top) -> None:
    """Numbers concepts by their URIs; those without one by their places in the file, after the others."""
    kinds = [f"'{CONCEPT}'"] + ([f"'{COLLECTION}'"] if top is Top.collections else [])
    staging.db.execute(
        f"""
        INSERT INTO concept
        SELECT row_number() OVER (ORDER BY blank, CASE WHEN blank THEN printf('%020d', at) ELSE uri END) - 1,
               id, uri, at, what
        FROM (
            SELECT node.id, node.uri, substr(node.uri, 1, 2) = '_:' AS blank, found.what,
                   coalesce((SELECT min(rowid) FROM fact WHERE s = node.id), 0) AS at
            FROM (
                SELECT id, max(what) AS what FROM typed WHERE what IN ({",".join(kinds)}) GROUP BY id
                {f"UNION ALL SELECT id, '{SCHEME}' FROM scheme" if top is Top.schemes else ""}
            ) AS found JOIN node ON node.id = found.id
        )
        """
    )


def _find_members(staging: Staging) -> None:
    """Which concept is in which scheme, and whether at its top."""
    for roles, concept, scheme, top in (
        ((Role.top_concept_of,), "s", "o", 1),
        ((Role.has_top_concept,), "o", "s", 1),
        ((Role.in_scheme,), "s", "o", 0),
    ):
        staging.db.execute(
            f"""
            INSERT OR IGNORE INTO membership
            SELECT concept.n, scheme.k, {top} FROM fact
            JOIN concept ON concept.id = fact.{concept} JOIN scheme ON scheme.id = fact.{scheme}
            WHERE fact.p IN ({staging.predicates(*roles)}) AND concept.what <> '{SCHEME}'
            """
        )


def count_others(staging: Staging) -> None:
    """Records collections that are not planned, and statements about what is neither concept nor scheme."""
    labels = staging.predicates(Role.xl_pref, Role.xl_alt, Role.xl_hidden)
    rows = staging.rows(
        f"""
        SELECT node.uri, found.count, EXISTS(
            SELECT 1 FROM typed WHERE typed.id = node.id AND what = '{COLLECTION}'
        ) FROM (
            SELECT s, count(*) AS count FROM fact WHERE s NOT IN (SELECT id FROM concept)
            AND s NOT IN (SELECT id FROM scheme)
            AND s NOT IN (SELECT o FROM fact WHERE o IS NOT NULL AND p IN ({labels}))
            GROUP BY s
        ) AS found JOIN node ON node.id = found.s
        WHERE substr(node.uri, 1, 2) <> '_:' OR NOT EXISTS (SELECT 1 FROM fact WHERE fact.o = node.id)
        ORDER BY (SELECT min(rowid) FROM fact WHERE fact.s = node.id)
        """
    )
    for uri, count, is_collection in list(rows):
        if is_collection:
            staging.drop("collection", uri, "collections are planned with --top collections only")
        else:
            staging.problem("lost_statements", uri, f"{count} statements about what is not a concept")


def schemes(staging: Staging) -> Iterator[Scheme]:
    """The schemes that have concepts, in the order of their URIs."""
    counts = dict(staging.rows("SELECT k, count(*) FROM membership GROUP BY k"))
    for k, uri, label in staging.rows("SELECT k, uri, label FROM scheme ORDER BY k"):
        yield Scheme(k, uri, label or "", counts.get(k, 0))
