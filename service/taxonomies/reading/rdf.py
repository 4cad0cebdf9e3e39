"""Reads Turtle and TriG, RDF/XML, JSON-LD, N-Triples and N-Quads into statements, as a stream, by
pyoxigraph; what is said in a named graph counts as any other statement.

Nothing is ever fetched: pyoxigraph opens no addresses, and what would need one is refused. Memory is
bounded by what may be read before a statement comes of it.
"""

import re
from collections.abc import Iterator
from typing import Any, cast

from graph.errors import Invalid
from service.taxonomies.options import Format
from service.taxonomies.reading import doctype
from service.taxonomies.reading.decoding import Decoded
from service.taxonomies.staging import Staging

LONGEST_READ = 16_000_000
"""In bytes: what is read at most between two statements."""
LONGEST_JSON = 48_000_000
"""JSON-LD may put its context last, so a whole object may have to be read first."""
MOST_ERRORS = 1_000
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
STRING = "http://www.w3.org/2001/XMLSchema#string"
REMOTE = re.compile(rb'"@context"\s*:\s*("[^"]*"|\[[^\]{]{0,2000})')


class Limited:
    """A file for pyoxigraph, which ends with an error if too much is read without finding a statement."""

    def __init__(self, file: Decoded, most: int) -> None:
        self._file = file
        self._most = most

    def read(self, size: int = -1) -> bytes:
        """The next bytes; raises Invalid above the limit."""
        if self._file.since > self._most:
            raise Invalid(
                f"{self._file.name}: {self._file.since:,} bytes hold no end of a statement; a text in "
                "it is too long, or it is not what it looks like"
            )
        return self._file.read(size)


def read(file: Decoded, format_: Format, staging: Staging, context: bytes = b"") -> None:
    """Stages the statements of a file. `context`: JSON-LD in place of contexts named by an address.

    A fault in Turtle or N-Triples costs its statement and is a problem `syntax`; in RDF/XML and JSON-LD it is
    unknown what follows, and Invalid is raised.
    """
    most = LONGEST_READ
    staging.next_document()
    if format_ is Format.rdfxml:
        start, entities = doctype.without_doctype(file.start)
        file.replace_start(start)
        most = int(most / max(1.0, doctype.growth(entities)))
    elif format_ is Format.jsonld:
        most = LONGEST_JSON
        file.replace_start(with_context(file.start, context))
    for quad in _quads(file, format_, most, staging):
        file.since = 0
        stage(quad, staging)


def read_text(text: bytes, staging: Staging, context: bytes = b"") -> None:
    """Stages one JSON-LD document; raises Invalid."""
    from pyoxigraph import RdfFormat, parse

    staging.next_document()
    try:
        for quad in parse(with_context(text, context), RdfFormat.JSON_LD, lenient=True):
            stage(quad, staging)
    except SyntaxError as error:
        raise Invalid(_said(error)) from None


def _quads(file: Decoded, format_: Format, most: int, staging: Staging) -> Iterator[Any]:
    from pyoxigraph import RdfFormat, parse

    formats = {
        # TriG and N-Quads have Turtle and N-Triples within them.
        Format.turtle: RdfFormat.TRIG,
        Format.rdfxml: RdfFormat.RDF_XML,
        Format.jsonld: RdfFormat.JSON_LD,
        Format.ntriples: RdfFormat.N_QUADS,
    }
    found = parse(cast(Any, Limited(file, most)), formats[format_], lenient=True)
    errors = 0
    while True:
        try:
            yield next(found)
        except StopIteration:
            return
        except SyntaxError as error:
            errors += 1
            if format_ in (Format.rdfxml, Format.jsonld):
                raise Invalid(f"{file.name}: {_said(error)}; nothing of the file is used") from None
            staging.problem("syntax", "", _said(error))
            if errors >= MOST_ERRORS:
                raise Invalid(
                    f"{file.name}: over {MOST_ERRORS} faults; is it {format_}? Say --format"
                ) from None
        except MemoryError:
            raise Invalid(f"{file.name}: a text in it is longer than {LONGEST_READ:,} bytes") from None


def _said(error: SyntaxError) -> str:
    """pyoxigraph's message, with what to do where that is known."""
    text = str(error.msg).removeprefix("Parser error ")
    if "LoadDocumentCallback" in text:
        return "it names its JSON-LD context by an address, which is never fetched; say --context FILE"
    if "unrecognized entity" in text:
        name = re.search(r"`(.*?)`", text)
        return f"the entity &{name[1] if name else '...'}; is not declared; write the character itself"
    return text


def stage(quad: Any, staging: Staging) -> None:
    """Stages one statement of pyoxigraph's."""
    subject, target = _term(quad.subject, staging), quad.object
    predicate = quad.predicate.value
    if subject is None:
        return
    if hasattr(target, "datatype"):
        lang = target.language or ""
        if lang and not LANGUAGE.fullmatch(lang):
            staging.problem("bad_language", subject, f"{lang[:40]!r} is not a language tag")
        type_ = target.datatype.value
        staging.value(subject, predicate, target.value, lang, "" if lang or type_ == STRING else type_)
    elif (object_ := _term(target, staging)) is not None:
        staging.link(subject, predicate, object_)


def _term(term: Any, staging: Staging) -> str | None:
    """The URI, or what a blank node is called; None for what RDF 1.2 allows and SKOS does not use."""
    value = getattr(term, "value", None)
    if value is None:
        staging.problem("lost_statements", "", f"a statement about a statement is left out: {term}")
        return None
    if type(term).__name__ == "BlankNode":
        return staging.blank(value)
    if not IRI.fullmatch(value):
        why = "has characters that an IRI must not have" if ABSOLUTE.match(value) else "is relative"
        staging.bad_iri(value, f"<{value[:200]}> {why}")
    return value


def with_context(start: bytes, context: bytes) -> bytes:
    """The beginning of a document with `context` in place of contexts that are named by an address."""
    if not context:
        return start
    found = REMOTE.search(start)
    if not found:
        return start
    if found[1].startswith(b'"'):
        return start[: found.start(1)] + context + start[found.end(1) :]
    return start[: found.start(1)] + re.sub(rb'"[^"]*"', lambda _: context, found[1]) + start[found.end(1) :]
