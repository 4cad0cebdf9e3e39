"""Which concepts are planned: by scheme, by name, and whether they are deprecated."""

from array import array
from collections.abc import Callable

from service.taxonomies.options import Deprecated, Options
from service.taxonomies.planning.concepts import Scheme
from service.taxonomies.planning.hierarchy import Hierarchy
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import Role

MOST_PARENTS = 100
"""The most that the service takes for one node."""


class Selection:
    """Leaves concepts out of a hierarchy, each with its reason."""

    def __init__(self, staging: Staging, hierarchy: Hierarchy) -> None:
        self._staging = staging
        self._hierarchy = hierarchy

    def uri(self, node: int) -> str:
        """The URI of a concept."""
        return next(self._staging.rows("SELECT uri FROM concept WHERE n = ?", [node]))[0]

    def by_scheme(self, schemes: list[Scheme]) -> None:
        """Keeps the members of these schemes, and what is in no scheme and stands below them."""
        wanted = ",".join(str(scheme.number) for scheme in schemes)
        state = bytearray(self._hierarchy.size)
        for [node] in self._staging.rows("SELECT DISTINCT n FROM membership"):
            state[node] = 1
        for [node] in self._staging.rows(f"SELECT DISTINCT n FROM membership WHERE k IN ({wanted})"):
            state[node] = 2
        found = array("I", (node for node in range(len(state)) if state[node] == 2))
        at = 0
        while at < len(found):
            for child in self._hierarchy.below(found[at]):
                if state[child] == 0:
                    state[child] = 2
                    found.append(child)
            at += 1
        self._leave_out(lambda node: state[node] != 2, "other_scheme", "it is in another scheme")

    def by_name(self, texts: tuple[str, ...]) -> None:
        """Leaves out concepts with one of the texts in a preferred label."""
        predicates = self._staging.predicates(Role.pref_label)
        found: set[int] = set()
        for text in texts:
            rows = self._staging.rows(
                f"SELECT concept.n FROM fact JOIN concept ON concept.id = fact.s "
                f"WHERE fact.p IN ({predicates}) AND instr(fact.value, ?)",
                [text],
            )
            found.update(node for [node] in rows)
        self._leave_out(found.__contains__, "skip", "its name has a text that is skipped")

    def by_deprecation(self, options: Options) -> bytearray:
        """Leaves out deprecated concepts under which nothing else stands; returns 1 for deprecated ones."""
        found = bytearray(self._hierarchy.size)
        rows = self._staging.rows(
            "SELECT concept.n FROM fact JOIN concept ON concept.id = fact.s "
            f"WHERE fact.p IN ({self._staging.predicates(Role.deprecated)}) "
            "AND lower(fact.value) IN ('true', '1')"
        )
        for [node] in rows:
            found[node] = self._hierarchy.active[node]
        if options.deprecated is Deprecated.skip and any(found):
            needed = self._above_current(found)
            for node in self._hierarchy.nodes():
                if found[node] and needed[node]:
                    self._staging.problem(
                        "deprecated",
                        self.uri(node),
                        "it is deprecated and stays, because others stand under it",
                    )
            self._leave_out(
                lambda node: bool(found[node]) and not needed[node], "deprecated", "it is deprecated"
            )
        return found

    def _above_current(self, deprecated: bytearray) -> bytearray:
        """1 for each concept above one that is not deprecated."""
        needed = bytearray(self._hierarchy.size)
        waiting = array("I", (node for node in self._hierarchy.nodes() if not deprecated[node]))
        while waiting:
            for parent in self._hierarchy.above(waiting.pop()):
                if not needed[parent]:
                    needed[parent] = 1
                    if deprecated[parent]:
                        waiting.append(parent)
        return needed

    def _leave_out(self, is_out: Callable[[int], bool], reason: str, why: str) -> None:
        hierarchy = self._hierarchy
        out = [node for node in hierarchy.nodes() if is_out(node)]
        for node in out:
            hierarchy.active[node] = 0
        for node in out:
            uri = self.uri(node)
            self._staging.drop(reason, uri, why)
            for child in hierarchy.below(node):
                if hierarchy.active[child]:
                    self._staging.problem("dangling", self.uri(child), f"{uri}, above it, is left out: {why}")
            hierarchy.leave_out(node)

    def limit_parents(self) -> None:
        """Leaves out edges above the most that a node may have."""
        for node in self._hierarchy.nodes():
            edges = list(self._hierarchy.up(node))
            for edge in edges[MOST_PARENTS:]:
                self._hierarchy.gone[edge] = 1
            if len(edges) > MOST_PARENTS:
                self._staging.problem(
                    "too_large",
                    self.uri(node),
                    f"it has {len(edges):,} parents; the first {MOST_PARENTS} stay",
                )
