"""What one concept may have at most: everything that is said of it is held in memory at once."""

from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import SKOS, Role

MOST_SAID = 10_000
"""Statements about one concept that are kept, beside those about its place."""
MOST_RELATED = 10_000
"""Statements that relate others to one concept that are kept."""
PLACING = (
    "broader", "narrower", "broaderTransitive", "narrowerTransitive", "inScheme", "topConceptOf",
    "hasTopConcept", "member",
)  # fmt: skip
"""The relations of SKOS that decide where concepts stand. The plan keeps them as edges and memberships."""


def placing(staging: Staging) -> str:
    """The predicates of `PLACING`, as a list for SQL; more special ones are kept as they are."""
    return ",".join(str(staging.number(SKOS + name)) for name in PLACING)


def limit(staging: Staging) -> None:
    """Leaves out what is beyond these limits; each concept that has more is a problem."""
    _cut(
        staging,
        "s",
        f"NOT (p IN ({placing(staging)}) AND o IS NOT NULL)",
        MOST_SAID,
        "statements are made about it",
    )
    related = staging.predicates(Role.related)
    _cut(
        staging,
        "o",
        f"o IS NOT NULL AND p IN ({related})",
        MOST_RELATED,
        "concepts say that they are related",
    )


def _cut(staging: Staging, of: str, which: str, most: int, what: str) -> None:
    """Leaves out the facts `which` of one thing, named in the column `of`, beyond the first `most`."""
    found = staging.rows(
        # Counted by an index alone first, so that the facts of hardly anything are read.
        f"SELECT {of}, node.uri, count(*) FROM fact JOIN node ON node.id = fact.{of} WHERE {of} IN "
        f"(SELECT {of} FROM fact GROUP BY {of} HAVING count(*) > {most}) AND {which} "
        f"GROUP BY {of} HAVING count(*) > {most} ORDER BY node.uri"
    )
    for id_, uri, number in list(found):
        staging.db.execute(
            f"DELETE FROM fact WHERE {of} = ? AND {which} AND rowid NOT IN "
            f"(SELECT rowid FROM fact WHERE {of} = ? AND {which} ORDER BY rowid LIMIT {most})",
            [id_, id_],
        )
        staging.problem("too_large", uri, f"{number:,} {what}; the first {most:,} stay")
