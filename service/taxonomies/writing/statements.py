"""A node as statements of SKOS, in a fixed order; what SKOS has no word for is said in glan's own.

Statements about one thing with one predicate stand together, because JSON-LD and RDF/XML are written so.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from graph.model import RESERVED, Kind, Status, digest
from service.taxonomies.vocabulary import (
    DCT,
    GLAN,
    INTERNAL,
    JSON,
    OWL,
    OWN_PROPERTIES,
    OWN_PROPERTY,
    RDF,
    ROLES,
    SKOS,
    XSD,
    Role,
)  # fmt: skip
from service.taxonomies.writing import labels
from service.taxonomies.writing.addresses import iri
from service.taxonomies.writing.collection import Collection, Member
from service.taxonomies.writing.options import ExportOptions

TAXONOMY = Kind.Taxonomy.value
PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
TYPE = NamedNode(RDF + "type")


def _skos(name: str) -> NamedNode:
    return NamedNode(SKOS + name)


def _literal(text: str, tag: str = "", type_: str = "") -> Literal:
    if tag:
        try:
            return Literal(text, language=tag)
        except ValueError:
            return Literal(text)
    return Literal(text, datatype=NamedNode(type_)) if type_ else Literal(text)


LABELS = tuple(map(_skos, ("prefLabel", *labels.LABELS)))
TEXTS = (*LABELS, *map(_skos, labels.NOTES))
"""What has a text; the rest of AS_SKOS leads to a concept."""
DOWN = (Role.narrower, Role.has_top_concept)
AS_SKOS = {
    role: NamedNode(predicate)
    for predicate, role in ROLES.items()
    if predicate.startswith(SKOS)
    and role not in (Role.in_scheme, Role.notation, Role.member, Role.member_list)
}
"""What predicates say, in the words of SKOS, as far as a node says it, too."""


def own_value(value: Any) -> Literal:
    """A free property's value: texts and numbers as RDF has them, lists as JSON."""
    match value:
        case str():
            return Literal(value)
        case bool():
            return _literal(json.dumps(value), type_=XSD + "boolean")
        case int():
            return _literal(str(value), type_=XSD + "integer")
        case float():
            return _literal(repr(value), type_=XSD + "double")
        case _:
            return _literal(json.dumps(value, ensure_ascii=False), type_=JSON)


class Statements:
    """Makes the statements about the nodes of a collection."""

    def __init__(self, collection: Collection, options: ExportOptions) -> None:
        self._collection = collection
        self._options = options
        self._language = collection.language
        self._schemes = [n for n in collection.hierarchy.roots() if collection.facts(n)[0] == TAXONOMY]

    def all(self) -> Iterator[Triple]:
        """The statements about all nodes."""
        for member in self._collection.members():
            yield from self._of(member)

    def _of(self, member: Member) -> Iterator[Triple]:
        subject = NamedNode(member.uri)
        about = [Triple(subject, predicate, value) for predicate, value in self._about(member)]
        about, rest = self._as_it_is(member, about, list(self._rest(member, subject)))
        named = _blank_names(f"d{digest(member.uri)[:16]}b")
        own = [*_grouped([*about, *rest.pop(subject, ())])]
        yield from map(named, own)
        yield from (Triple(subject, predicate, value) for predicate, value in self._below(member))
        yield from map(named, _inner(own, rest))
        for alias in member.aliases if self._options.which == "all" else ():
            yield from self._alias(alias, subject)

    def _alias(self, alias: str, target: NamedNode) -> Iterator[Triple]:
        merged = NamedNode(alias)
        yield Triple(merged, TYPE, _skos("Concept"))
        for n in self._schemes:
            yield Triple(merged, _skos("inScheme"), NamedNode(self._collection.uri(n)))
        yield Triple(merged, NamedNode(OWL + "deprecated"), _literal("true", type_=XSD + "boolean"))
        yield Triple(merged, NamedNode(DCT + "isReplacedBy"), target)

    def _about(self, member: Member) -> Iterator[tuple[NamedNode, Any]]:
        is_scheme = member.kind == TAXONOMY
        yield TYPE, _skos("ConceptScheme" if is_scheme else "Concept")
        if is_scheme:
            if self._language and not self._options.languages:
                yield NamedNode(GLAN + "language"), Literal(self._language)
        else:
            yield NamedNode(GLAN + "kind"), Literal(member.kind)
            for n in self._schemes:
                yield _skos("inScheme"), NamedNode(self._collection.uri(n))
        yield from self._texts(member, is_scheme)
        yield from self._links(member, is_scheme)
        yield from _own(member)

    def _texts(self, member: Member, is_scheme: bool) -> Iterator[tuple[NamedNode, Any]]:
        node, languages = member.node, self._options.languages
        typed = [value for line in labels.listed(node, "rdf") if (value := _typed_notation(line))]
        for notation in labels.listed(node, "notation"):
            if notation not in typed:
                yield _skos("notation"), Literal(notation)
        preferred = labels.preferred(node, languages)
        if not (is_scheme and _has_title(node) and not labels.texts(node, "prefLabel")):
            yield from ((_skos("prefLabel"), _literal(text, tag)) for text, tag in preferred)
        for base, texts in (labels.others(node, languages) | labels.notes(node, languages)).items():
            yield from ((_skos(base), _literal(text, tag)) for text, tag in texts)
        if not is_scheme and not languages and labels.derived(preferred, self._language) != member.name:
            yield NamedNode(GLAN + "name"), Literal(member.name)

    def _links(self, member: Member, is_scheme: bool) -> Iterator[tuple[NamedNode, Any]]:
        uri, base = self._collection.uri, self._options.base
        above = [n for n in member.parents if n not in self._schemes]
        above = sorted({*above, *self._collection.extra_parents(member.n)})
        yield from ((_skos("broader"), NamedNode(uri(n))) for n in above)
        if not is_scheme and (not above or len(member.parents) > len(above)):
            tops = [n for n in member.parents if n in self._schemes] or self._schemes
            yield from ((_skos("topConceptOf"), NamedNode(uri(n))) for n in tops)
        outside = [iri(str(one), base) for one in labels.listed(member.node, "related")]
        yield from ((_skos("related"), NamedNode(one)) for one in dict.fromkeys([*member.related, *outside]))
        for name in labels.MATCHES:
            for one in labels.listed(member.node, name):
                yield _skos(name), NamedNode(iri(str(one), base))
        status = member.node["status"]
        if status in (Status.retired, Status.rejected) or member.node.get("deprecated") is True:
            yield NamedNode(OWL + "deprecated"), _literal("true", type_=XSD + "boolean")
        for one in labels.listed(member.node, "replacedBy"):
            yield NamedNode(DCT + "isReplacedBy"), NamedNode(iri(str(one), base))

    def _below(self, member: Member) -> Iterator[tuple[NamedNode, Any]]:
        """Links down: a node may have hundreds of thousands, so they are not gathered."""
        collection = self._collection
        children: Iterable[int] = collection.below(member.n)
        if member.kind == TAXONOMY:
            tops = children or [n for n in collection.hierarchy.roots() if n not in self._schemes]
            yield from ((_skos("hasTopConcept"), NamedNode(collection.uri(n))) for n in tops)
            return
        extra = [n for n in collection.extra_children(member.n) if n not in children]
        yield from ((_skos("narrower"), NamedNode(collection.uri(n))) for n in [*children, *extra])

    def _rest(self, member: Member, subject: NamedNode) -> Iterator[Triple]:
        """What an import kept as it was."""
        lines = labels.listed(member.node, "rdf")
        renamed = bool(labels.texts(member.node, "prefLabel"))
        # What a node took over from one merged into it, or had under an earlier URI, is its own, too.
        parsed = [_parsed(line) for line in lines]
        stored = {
            member.node.get("uri"),
            *(getattr(quad.subject, "value", "") for quad in (parsed or [[]])[0]),
        }

        def term(value: Any) -> Any:
            if not isinstance(value, NamedNode):
                return value
            if value.value in stored or value.value.startswith(INTERNAL):
                return subject
            return NamedNode(iri(value.value, self._options.base))

        for line, quads in zip(lines, parsed, strict=True):
            if renamed and member.kind == TAXONOMY and _is_title(line) and not _says(line, member.name):
                continue
            for quad in quads:
                yield Triple(term(quad.subject), term(quad.predicate), term(quad.object))

    def _as_it_is(
        self, member: Member, about: list[Triple], rest: list[Triple]
    ) -> tuple[list[Triple], dict[Any, list[Triple]]]:
        """What is said of a node, and what an import kept, by subject, without what is not so any more.

        A label, note or place that a special predicate gives stands as SKOS, too, with edits in place. A text
        with a datatype stands once, with it.
        """
        if not rest:
            return about, {}
        subject = about[0].subject
        said = {(triple.predicate, triple.object) for triple in about}
        if any(_role(triple) in DOWN for triple in rest):
            said |= {*self._below(member)}
        forms = {triple.subject: triple.object for triple in rest if _role(triple) is Role.literal_form}
        called = {value for predicate, value in said if predicate in LABELS}
        gone = {label for label, form in forms.items() if form not in called}
        kept: dict[Any, list[Triple]] = {}
        typed: dict[tuple[Any, Any], Triple] = {}
        for triple in rest:
            same = _as_skos(triple) if triple.subject == subject else None
            if triple.subject in gone or triple.object in gone or (same and same not in said):
                continue
            if same and triple.predicate == same[0] and same not in typed:
                typed[same] = triple
            else:
                kept.setdefault(triple.subject, []).append(triple)
        return [typed.get((triple.predicate, triple.object), triple) for triple in about], kept


def _own(member: Member) -> Iterator[tuple[NamedNode, Any]]:
    node = member.node
    if node["status"] != Status.accepted:
        yield NamedNode(GLAN + "status"), Literal(node["status"])
    if node.get("weight", 1.0) != 1.0:
        yield NamedNode(GLAN + "weight"), own_value(float(node["weight"]))
    if member.position is not None:
        yield NamedNode(GLAN + "position"), own_value(member.position)
    odd: dict[str, Any] = {}
    for name, value in labels.free(node, RESERVED):
        if PLAIN_NAME.fullmatch(name):
            yield NamedNode(OWN_PROPERTY + name), own_value(value)
        else:
            odd[name] = value
    if odd:
        yield NamedNode(OWN_PROPERTIES), own_value(odd)


def _parsed(line: str) -> list[Any]:
    try:
        return list(parse(line, RdfFormat.N_TRIPLES, lenient=True))
    except (SyntaxError, ValueError):
        return []


TITLES = tuple(f" <{predicate}> " for predicate, role in ROLES.items() if role is Role.title)


def _is_title(line: str) -> bool:
    return any(title in line for title in TITLES)


def _says(line: str, name: str) -> bool:
    return any(getattr(quad.object, "value", None) == name for quad in _parsed(line))


def _has_title(node: dict[str, Any]) -> bool:
    return any(_is_title(line) and _says(line, node["name"]) for line in labels.listed(node, "rdf"))


def _typed_notation(line: str) -> str:
    """The notation, as a node has it, that a kept line gives with its whole datatype."""
    if f" <{SKOS}notation> " not in line:
        return ""
    for quad in _parsed(line):
        if isinstance(quad.object, Literal):
            return f"{quad.object.value}^^{quad.object.datatype.value.replace('#', '/').rpartition('/')[2]}"
    return ""


def _role(triple: Triple) -> Role | None:
    return ROLES.get(triple.predicate.value)


def _as_skos(triple: Triple) -> tuple[NamedNode, Any] | None:
    """Predicate and object of what a label, a note or a place says in SKOS, texts without a datatype."""
    role, value = _role(triple), triple.object
    plain = AS_SKOS.get(role) if role else None
    if plain is None or not isinstance(value, Literal if plain in TEXTS else NamedNode):
        return None
    return plain, Literal(value.value) if _has_type(value) else value


def _has_type(value: Any) -> bool:
    return isinstance(value, Literal) and not value.language and value.datatype.value != XSD + "string"


def _inner(about: Iterable[Triple], rest: dict[Any, list[Triple]]) -> Iterator[Triple]:
    """What is said of blank nodes and labels that belong to a node: level by level, as it is read again."""
    level = [*about]
    while level:
        level = [inner for triple in level for inner in _grouped(rest.pop(triple.object, ()))]
        yield from level
    for some in rest.values():
        yield from _grouped(some)


def _blank_names(prefix: str) -> Callable[[Triple], Triple]:
    """Names blank nodes in the order in which they are written, as they are named once they are read."""
    names: dict[Any, BlankNode] = {}

    def named(value: Any) -> Any:
        if isinstance(value, BlankNode):
            return names.setdefault(value, BlankNode(f"{prefix}{len(names)}"))
        return value

    def of(triple: Triple) -> Triple:
        subject, value = triple.subject, triple.object
        if isinstance(subject, BlankNode) or isinstance(value, BlankNode):
            return Triple(named(subject), triple.predicate, named(value))
        return triple

    return of


def _grouped(triples: Iterable[Triple]) -> Iterator[Triple]:
    found: dict[Any, dict[Any, list[Triple]]] = {}
    for triple in dict.fromkeys(triples):
        found.setdefault(triple.subject, {}).setdefault(triple.predicate, []).append(triple)
    for predicates in found.values():
        for some in predicates.values():
            yield from some
