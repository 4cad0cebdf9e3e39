"""What stands above concepts that have no parent: a taxonomy, or in a flat list a field of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from graph.model import Kind
from service.taxonomies.options import Options
from service.taxonomies.planning.concepts import Scheme
from service.taxonomies.planning.hierarchy import Hierarchy
from service.taxonomies.planning.kinds import KINDS
from service.taxonomies.planning.labels import storable
from service.taxonomies.planning.schemes import REST
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import INTERNAL


@dataclass
class Taxonomy:
    """A taxonomy that would be made."""

    scheme: Scheme
    name: str
    field: str
    """The name of the field for concepts that stand alone at the top."""
    ref: str
    shown_uri: str
    has_flat: bool = False
    concepts: int = 0

    @property
    def field_ref(self) -> str:
        """What the field is called in the plan."""
        return f"{INTERNAL}field:{self.ref}"


class Places:
    """The taxonomies of a plan, and the place of each concept without a parent."""

    def __init__(self, staging: Staging, schemes: list[Scheme], options: Options, stem: str) -> None:
        self.taxonomies: list[Taxonomy] = []
        self._staging = staging
        self._options = options
        self._stem = stem
        self._by_number: dict[int, int] = {}
        self._flat = bytearray()
        for scheme in schemes:
            self._add(scheme)

    def _add(self, scheme: Scheme) -> int:
        name = storable(scheme.label) or storable(self._stem) or "Taxonomy"
        taken = {taxonomy.name.casefold() for taxonomy in self.taxonomies}
        base, n = name, 1
        while name.casefold() in taken:
            n += 1
            name = f"{base} ({n})"
        ref = scheme.uri or f"{INTERNAL}scheme:{scheme.number}"
        self._by_number[scheme.number] = len(self.taxonomies)
        self.taxonomies.append(Taxonomy(scheme, name, self._options.field or name, ref, scheme.shown_uri))
        return len(self.taxonomies) - 1

    def settle(self, hierarchy: Hierarchy, kinds: bytearray) -> None:
        """Decides which roots stand in a field of their taxonomy, and finds a taxonomy for those in none.

        A taxonomy in which none stands is a problem: what is in its scheme stands elsewhere.
        """
        self._flat = bytearray(hierarchy.size)
        used = set[int]()
        for node in hierarchy.roots():
            self._flat[node] = KINDS[kinds[node]] in (Kind.Subfield, Kind.Discipline)
            for place in self._of(node):
                used.add(place)
                self.taxonomies[place].has_flat |= bool(self._flat[node])
        for place, taxonomy in enumerate(self.taxonomies):
            if place not in used:
                text = f"{taxonomy.name}: what is in it stands under concepts of other schemes"
                self._staging.problem("empty", taxonomy.shown_uri, text)

    def _of(self, node: int) -> list[int]:
        """The positions of the taxonomies of a concept without a parent."""
        if len(self.taxonomies) == 1:
            return [0]
        rows = self._staging.rows("SELECT k FROM membership WHERE n = ? ORDER BY k", [node])
        found = [self._by_number[k] for [k] in rows if k in self._by_number]
        if found:
            return found
        if REST not in self._by_number:
            self._add(Scheme(REST, "", self._stem))
        return [self._by_number[REST]]

    def above(self, node: int) -> list[str]:
        """Refs of what stands above a concept without a parent."""
        flat = bool(self._flat[node])
        taxonomies = (self.taxonomies[place] for place in self._of(node))
        return [taxonomy.field_ref if flat else taxonomy.ref for taxonomy in taxonomies]

    def numbers(self, node: int, size: int) -> Iterator[int]:
        """The places of a concept without a parent as numbers from `size` on."""
        shift = len(self.taxonomies) if self._flat[node] else 0
        return (size + place + shift for place in self._of(node))
