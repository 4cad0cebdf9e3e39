"""Which concepts stand under which, as the statements say it."""

from itertools import groupby
from operator import itemgetter

from service.taxonomies.options import Top
from service.taxonomies.planning.concepts import COLLECTION, SCHEME
from service.taxonomies.planning.hierarchy import Hierarchy
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import Role

JOINED = """
JOIN concept AS below ON below.id = fact.{below} JOIN concept AS above ON above.id = fact.{above}
WHERE fact.p IN ({predicates}) AND fact.o IS NOT NULL
"""


def hierarchy(staging: Staging, top: Top) -> Hierarchy:
    """All edges; self-broader and edges to what the file does not have are problems."""
    staging.db.execute(
        "CREATE TABLE edge(child INTEGER, parent INTEGER, PRIMARY KEY(child, parent)) WITHOUT ROWID"
    )
    _add(staging, (Role.broader,), "s", "o")
    _add(staging, (Role.narrower,), "o", "s")
    _add_transitive(staging)
    if top is Top.collections:
        _add_collections(staging)
    _drop_self(staging)
    _find_dangling(staging)
    [size] = next(staging.rows("SELECT count(*) FROM concept"))
    found = Hierarchy(size, staging.rows("SELECT child, parent FROM edge ORDER BY child, parent"))  # type: ignore[arg-type]
    if top is Top.schemes:
        found = _under_schemes(staging, found)
    return found


def _add(staging: Staging, roles: tuple[Role, ...], below: str, above: str, also: str = "") -> None:
    joined = JOINED.format(below=below, above=above, predicates=staging.predicates(*roles))
    staging.db.execute(f"INSERT OR IGNORE INTO edge SELECT below.n, above.n FROM fact {joined} {also}")


def _add_transitive(staging: Staging) -> None:
    """broaderTransitive counts only for concepts that have no other parent."""
    staging.db.execute("CREATE TABLE placed(n INTEGER PRIMARY KEY)")
    staging.db.execute("INSERT OR IGNORE INTO placed SELECT child FROM edge WHERE child <> parent")
    also = "AND below.n NOT IN (SELECT n FROM placed)"
    _add(staging, (Role.broader_transitive,), "s", "o", also)
    _add(staging, (Role.narrower_transitive,), "o", "s", also)


def _add_collections(staging: Staging) -> None:
    """Members stand under their collections, unless one of their parents is a member already."""
    members = f"""
        SELECT member.n AS child, holder.n AS parent FROM fact
        JOIN concept AS member ON member.id = fact.{{member}}
        JOIN concept AS holder ON holder.id = fact.{{holder}}
        WHERE fact.p IN ({{predicates}}) AND holder.what = '{COLLECTION}'
    """
    _list(staging)
    direct = members.format(member="o", holder="s", predicates=staging.predicates(Role.member))
    grouped = members.format(member="s", holder="o", predicates=staging.predicates(Role.super_group))
    staging.db.execute(
        f"CREATE TABLE held AS {direct} UNION {grouped} UNION SELECT member, holder FROM listed "
        "ORDER BY parent, child"
    )
    staging.db.execute("CREATE INDEX held_by ON held(child, parent)")
    staging.db.execute(
        """
        INSERT OR IGNORE INTO edge SELECT child, parent FROM held WHERE NOT EXISTS (
            SELECT 1 FROM edge JOIN held AS other ON other.child = edge.parent
            WHERE edge.child = held.child AND other.parent = held.parent AND edge.parent <> edge.child
        )
        """
    )
    _order_listed(staging)


def _list(staging: Staging) -> None:
    """Finds the members of ordered collections, which are RDF lists, each with its place."""
    staging.db.execute("CREATE TABLE listed(holder INTEGER, member INTEGER, place INTEGER)")
    first, rest = staging.predicates(Role.list_first), staging.predicates(Role.list_rest)
    heads = staging.rows(
        "SELECT holder.n, fact.o FROM fact JOIN concept AS holder ON holder.id = fact.s "
        f"WHERE fact.o IS NOT NULL AND fact.p IN ({staging.predicates(Role.member_list)}) "
        f"AND holder.what = '{COLLECTION}' ORDER BY holder.n, fact.rowid"
    )
    for holder, head in list(heads):
        cells = {head: None}
        waiting = [head]
        while waiting:
            cell = waiting.pop()
            after = staging.rows(f"SELECT o FROM fact WHERE s = ? AND p IN ({rest})", [cell])
            new = [other for [other] in after if other not in cells]
            cells |= dict.fromkeys(new)
            waiting += new
        staging.db.executemany(
            "INSERT INTO listed SELECT ?, n, ? FROM fact JOIN concept ON concept.id = fact.o "
            f"WHERE fact.s = ? AND fact.p IN ({first})",
            ((holder, place, cell) for place, cell in enumerate(cells)),
        )


def _order_listed(staging: Staging) -> None:
    """Gives the members of each ordered collection their order; the first one that has a member counts."""
    ordered: set[int] = set()
    rows = staging.rows("SELECT holder, member FROM listed ORDER BY holder, place, rowid")
    for _, some in groupby(list(rows), key=itemgetter(0)):
        members = [n for n in dict.fromkeys(member for _, member in some) if n not in ordered]
        ordered |= {*members}
        places = [next(staging.rows("SELECT at FROM concept WHERE n = ?", [n]))[0] for n in members]
        staging.db.executemany(
            "UPDATE concept SET at = ? WHERE n = ?", zip(sorted(places), members, strict=True)
        )


def _drop_self(staging: Staging) -> None:
    for n, uri in list(
        staging.rows(
            "SELECT child, uri FROM edge JOIN concept ON n = child WHERE child = parent ORDER BY child"
        )
    ):
        staging.problem("self_broader", uri, "it stands above itself; that is left out")
        staging.db.execute("DELETE FROM edge WHERE child = ? AND parent = ?", (n, n))


def _find_dangling(staging: Staging) -> None:
    """Edges of concepts to what the file does not describe."""
    roles = {Role.broader: ("s", "o", "above"), Role.narrower: ("s", "o", "below")}
    for role, (known, unknown, where) in roles.items():
        found = staging.rows(
            f"""
            SELECT concept.uri, node.uri FROM fact JOIN concept ON concept.id = fact.{known}
            JOIN node ON node.id = fact.{unknown}
            WHERE fact.p IN ({staging.predicates(role)}) AND fact.o NOT IN (SELECT id FROM concept)
            ORDER BY concept.n, node.uri
            """
        )
        for uri, other in found:
            staging.problem(
                "dangling", uri, f"{other} should stand {where} it and is not described in the file"
            )


def _under_schemes(staging: Staging, before: Hierarchy) -> Hierarchy:
    """The hierarchy with the schemes above the concepts that have no parents."""
    roots = bytearray(before.size)
    for node in before.roots():
        roots[node] = 1
    members = staging.rows(
        "SELECT membership.n, concept.n FROM membership JOIN scheme USING (k) "
        f"JOIN concept ON concept.id = scheme.id WHERE concept.what = '{SCHEME}'"
    )
    staging.db.executemany(
        "INSERT OR IGNORE INTO edge VALUES (?, ?)", [(n, k) for n, k in members if roots[n] and n != k]
    )
    return Hierarchy(before.size, staging.rows("SELECT child, parent FROM edge ORDER BY child, parent"))  # type: ignore[arg-type]
