"""JSKOS, one record per concept with maps of languages (https://gbv.github.io/jskos/), as statements of
SKOS."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from graph.text import clean_text
from service.taxonomies.reading.json_objects import Object
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import CONCEPT_TYPES, DCT, INTERNAL, OWL, RDF, SKOS, XSD

LABELS = ("prefLabel", "altLabel", "hiddenLabel")
NOTES = ("definition", "scopeNote", "note", "example", "editorialNote", "historyNote", "changeNote")
LINKS = ("broader", "narrower", "related", "inScheme", "topConceptOf")
DATES = ("created", "issued", "modified")
IN_SCHEME = {"concepts": "inScheme", "topConcepts": "topConceptOf"}
IGNORED = {"@context", "uri", "notation", "type", "ancestors", "mappings"}
MAPPINGS = "mappings"
UNDETERMINED = "und"


def is_record(record: Object) -> bool:
    """Whether an object looks like a concept in JSKOS."""
    labels = record.get("prefLabel")
    if not isinstance(labels, dict) or not isinstance(record.get("uri", record.get("notation")), str | list):
        return False
    return all(isinstance(text, str) for text in cast(Object, labels).values())


def read(records: Iterable[tuple[int, Object]], staging: Staging) -> None:
    """Stages records, and those within them; a record without URI and notation is a problem `no_uri`."""
    for number, record in records:
        waiting = [record]
        while waiting:
            one = waiting.pop()
            if subject := _subject(one):
                _stage(subject, one, staging)
            else:
                staging.problem("no_uri", "", f"record {number} has neither a uri nor a notation")
            waiting += reversed([*_within(one)])


def around(record: Object) -> Object:
    """The record of a scheme whose concepts are read one by one: what is said of it, without them."""
    return {name: value for name, value in record.items() if name not in IN_SCHEME}


def of_scheme(records: Iterable[tuple[int, Object]], scheme: Object) -> Iterator[tuple[int, Object]]:
    """Records as they stand within the record of a scheme."""
    yield 0, scheme
    for number, record in records:
        yield number, {"inScheme": [scheme]} | record


def _within(record: Object) -> Iterator[Object]:
    """The concepts that are described within a record."""
    for name in ("narrower", *IN_SCHEME):
        for part in _objects(record.get(name)):
            if "prefLabel" in part:
                yield part


def _stage(subject: str, record: Object, staging: Staging) -> None:
    _type(subject, record, staging)
    for notation in _texts(record.get("notation")):
        staging.value(subject, SKOS + "notation", notation)
    for name in (*LABELS, *NOTES):
        for lang, text in _by_language(record.get(name)):
            staging.value(subject, SKOS + name, text, lang)
    for name in LINKS:
        _links(subject, name, record.get(name), staging)
    for name, link in IN_SCHEME.items():
        for part in _objects(record.get(name)):
            if concept := _subject(part):
                staging.link(concept, SKOS + link, subject)
    _rest(subject, record, staging)


def _subject(record: Object) -> str:
    uri = record.get("uri")
    if isinstance(uri, str) and uri.strip():
        return uri.strip()
    notation = next(_texts(record.get("notation")), "")
    return f"{INTERNAL}code:{notation}" if notation else ""


def _type(subject: str, record: Object, staging: Staging) -> None:
    types = list(_texts(record.get("type")))
    if not types:
        types = [CONCEPT_TYPES[0]]
    for type_ in types:
        staging.link(subject, RDF + "type", type_)


def _links(subject: str, name: str, targets: Any, staging: Staging) -> None:
    """Stages the links of one name, and what they say of a scheme that the file does not describe."""
    for target in _objects(targets):
        uri = _subject(target)
        if not uri:
            continue
        staging.link(subject, SKOS + name, uri)
        if name in ("inScheme", "topConceptOf"):
            for lang, text in _by_language(target.get("prefLabel")):
                staging.value(uri, SKOS + "prefLabel", text, lang)


def _rest(subject: str, record: Object, staging: Staging) -> None:
    if record.get("deprecated") is True:
        staging.value(subject, OWL + "deprecated", "true", type_=XSD + "boolean")
    for name in DATES:
        for text in _texts(record.get(name)):
            staging.value(subject, DCT + name, text)
    for text in _texts(record.get("identifier")):
        staging.value(subject, DCT + "identifier", text)
    for replacement in _objects(record.get("replacedBy")):
        if uri := _subject(replacement):
            staging.link(subject, DCT + "isReplacedBy", uri)
    known = {*LABELS, *NOTES, *LINKS, *DATES, *IN_SCHEME, *IGNORED, "deprecated", "identifier", "replacedBy"}
    if lost := sorted(name for name in record.keys() - known if record[name] not in (None, [], {})):
        staging.problem("lost_statements", subject, f"fields that are not kept: {', '.join(lost)}")
    if record.get(MAPPINGS):
        staging.problem("lost_statements", subject, "mappings inside a record are not kept")


def _objects(value: Any) -> Iterator[Object]:
    """The objects in a list; null in it says that there are more."""
    for part in cast(list[Any], value) if isinstance(value, list) else ():
        if isinstance(part, dict):
            yield cast(Object, part)


def _texts(value: Any) -> Iterator[str]:
    for text in cast(list[Any], value) if isinstance(value, list) else [value]:
        if isinstance(text, str) and (clean := clean_text(text).strip()):
            yield clean


def _by_language(value: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        return
    for lang, texts in cast(Object, value).items():
        for text in _texts(texts):
            if lang != "-":
                yield "" if lang == UNDETERMINED else lang, text
