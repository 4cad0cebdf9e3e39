"""Writes statements in the four syntaxes by pyoxigraph, as a stream.

Its prefixes come in an order that differs from run to run, so the head of a file is put in order here.
"""

import re
from collections.abc import Iterable, Iterator
from typing import IO, Any

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from service.taxonomies.vocabulary import DCT, GLAN, OWL, RDF, SKOS
from service.taxonomies.writing.options import ExportFormat

SYNTAX = {
    ExportFormat.turtle: RdfFormat.TURTLE,
    ExportFormat.rdfxml: RdfFormat.RDF_XML,
    ExportFormat.jsonld: RdfFormat.JSON_LD,
    ExportFormat.ntriples: RdfFormat.N_TRIPLES,
}
PREFIXES = {"dct": DCT, "glan": GLAN, "owl": OWL, "rdf": RDF, "skos": SKOS}
TURTLE_HEAD = re.compile(rb"(?:@prefix [^\n]*\n)+")
XML_HEAD = re.compile(rb"<rdf:RDF((?: xmlns:\w+=\"[^\"]*\")+)>")
ELEMENT = re.compile(r"[^\W\d][\w.-]*$")
NOT_IN_XML = str.maketrans({"\ufffe": "\ufffd", "\uffff": "\ufffd"})


class _Ordered:
    """A file for pyoxigraph, whose prefixes are sorted before they are written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._head: bytes | None = b""

    def write(self, data: bytes) -> int:
        if self._head is None:
            self._file.write(data)
        else:
            self._head += bytes(data)
            if len(self._head) > 4_000:
                self.flush_head()
        return len(data)

    def flush(self) -> None:
        """Nothing but the head is held back."""

    def flush_head(self) -> None:
        """Writes the head, sorted."""
        if self._head is not None:
            head = TURTLE_HEAD.sub(lambda found: b"".join(sorted(found[0].splitlines(True))), self._head, 1)
            self._file.write(XML_HEAD.sub(_sorted_names, head, 1))
            self._head = None


def _sorted_names(found: re.Match[bytes]) -> bytes:
    return b"<rdf:RDF " + b" ".join(sorted(found[1].split())) + b">"


def write(triples: Iterable[Triple], format_: ExportFormat, file: IO[bytes]) -> None:
    """Writes statements in the order given."""
    ordered: Any = _Ordered(file)
    prefixes = PREFIXES if format_ in (ExportFormat.turtle, ExportFormat.rdfxml) else None
    source = _for_xml(triples) if format_ is ExportFormat.rdfxml else iter(triples)
    serialize(source, ordered, SYNTAX[format_], prefixes=prefixes)
    ordered.flush_head()


def _for_xml(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Statements as XML can say them: one whose predicate cannot name an element becomes a text."""
    for triple in triples:
        if not ELEMENT.search(triple.predicate.value):
            yield Triple(triple.subject, NamedNode(GLAN + "statement"), Literal(f"{triple} ."))
            continue
        value = triple.object
        if isinstance(value, Literal):
            text = value.value.replace("\r\n", "\n").replace("\r", "\n").translate(NOT_IN_XML)
            if text != value.value:
                plain = Literal(text, language=value.language) if value.language else None
                value = plain or Literal(text, datatype=value.datatype)
        yield Triple(triple.subject, triple.predicate, value)
