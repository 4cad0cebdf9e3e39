"""A node as statements of SKOS, in a fixed order; what SKOS has no word for is said in glan's own.

Statements about one thing with one predicate stand together, because JSON-LD and RDF/XML are written so.
"""

import json
import re
from collections.abc import Iterable, Iterator
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
        rest = list(self._rest(member, subject))
        yield from _grouped([*about, *(triple for triple in rest if triple.subject == subject)])
        yield from (Triple(subject, predicate, value) for predicate, value in self._below(member))
        yield from _grouped(triple for triple in rest if triple.subject != subject)
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
        """What an import kept as it was, with blank nodes named after the node."""
        lines = labels.listed(member.node, "rdf")
        renamed = bool(labels.texts(member.node, "prefLabel"))
        stored = member.node.get("uri")
        prefix = f"d{digest(member.uri)[:16]}"

        def term(value: Any) -> Any:
            if isinstance(value, BlankNode):
                return BlankNode(prefix + value.value)
            if not isinstance(value, NamedNode):
                return value
            if value.value == stored or value.value.startswith(INTERNAL):
                return subject
            return NamedNode(iri(value.value, self._options.base))

        for line in lines:
            if renamed and member.kind == TAXONOMY and _is_title(line) and not _says(line, member.name):
                continue
            for quad in _parsed(line):
                yield Triple(term(quad.subject), term(quad.predicate), term(quad.object))


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


def _grouped(triples: Iterable[Triple]) -> Iterator[Triple]:
    found: dict[Any, dict[Any, list[Triple]]] = {}
    for triple in dict.fromkeys(triples):
        found.setdefault(triple.subject, {}).setdefault(triple.predicate, []).append(triple)
    for predicates in found.values():
        for some in predicates.values():
            yield from some
