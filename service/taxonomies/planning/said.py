"""What a staging says of some concepts, read at once: a query for each would take longer than its answer."""

from collections.abc import Iterable, Mapping, Sequence

from service.taxonomies.planning.limits import placing
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import Role

AT_ONCE = 100
"""Concepts whose statements are held in memory, each of which may have a literal of a megabyte."""

Fact = tuple[str, int | None, str | None, str | None, str | None, str | None]
"""Predicate, role, target, value, language and datatype of a statement."""
Related = tuple[str, int | None, int]
"""The URI of what a concept is related to, its number if it is one, and whether the concept says so."""


class Said:
    """What is said of concepts, given by their numbers."""

    def __init__(self, staging: Staging, nodes: Sequence[int]) -> None:
        rows = staging.rows(
            "SELECT n, id, uri, name, missing FROM concept JOIN named USING (n) "
            f"WHERE n IN ({_listed(nodes)})"
        )
        self.heads: dict[int, tuple[int, str, str, int]] = {n: (id_, *rest) for n, id_, *rest in rows}
        """Of each: its id in the staging, URI, name, and whether the file gives it none."""
        ids = [head[0] for head in self.heads.values()]
        self.facts = facts(staging, ids, places_too=False)
        """By ids."""
        self.related = _related(staging, ids)
        """By ids, in the order of URIs; those related to nothing are left out."""


def uris(staging: Staging, nodes: Iterable[int]) -> dict[int, str]:
    """The URIs of concepts, by their numbers."""
    return dict(staging.rows(f"SELECT n, uri FROM concept WHERE n IN ({_listed(nodes)})"))


def facts(staging: Staging, ids: Iterable[int], *, places_too: bool) -> Mapping[int, Sequence[Fact]]:
    """What is said of things, given by their ids: each statement once, in the order of the file.

    `places_too`: also what places them; a scheme may have half a million concepts at its top.
    """
    left_out = "" if places_too else placing(staging)
    found: dict[int, dict[Fact, None]] = {id_: {} for id_ in ids}
    rows = staging.rows(
        "SELECT fact.s, fact.p, target.uri, fact.value, fact.lang, fact.type FROM fact "
        f"LEFT JOIN node AS target ON target.id = fact.o WHERE fact.s IN ({_listed(found)}) "
        f"AND NOT (fact.p IN ({left_out}) AND fact.o IS NOT NULL) "
        "ORDER BY fact.s, fact.rowid"
    )
    for subject, predicate, target, value, lang, type_ in rows:
        found[subject][(*staging.predicate(predicate), target, value, lang, type_)] = None
    return {id_: [*some] for id_, some in found.items()}


def _related(staging: Staging, ids: Sequence[int]) -> dict[int, list[Related]]:
    predicates, wanted = staging.predicates_of(Role.related), _listed(ids)
    if not predicates:
        return {}
    rows = staging.rows(
        f"""
        SELECT mine, node.uri, concept.n, named FROM (
            SELECT s AS mine, o AS other, 1 AS named FROM fact
            WHERE s IN ({wanted}) AND o IS NOT NULL AND p IN ({predicates})
            UNION SELECT o, s, 0 FROM fact WHERE o IN ({wanted}) AND p IN ({predicates})
        ) JOIN node ON node.id = other LEFT JOIN concept ON concept.id = other ORDER BY mine, node.uri
        """
    )
    found: dict[int, list[Related]] = {}
    for mine, *rest in rows:
        found.setdefault(mine, []).append((rest[0], rest[1], rest[2]))
    return found


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))
