"""What is kept of a concept beside its name and place: labels, notes, mappings, and whatever else is said
of it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, cast

from graph.errors import Invalid
from graph.model import LONGEST_TEXT, storable_properties
from graph.text import clean_text
from service.taxonomies.planning.labels import best
from service.taxonomies.planning.said import Fact, facts
from service.taxonomies.staging import Staging
from service.taxonomies.vocabulary import (
    CONCEPT_TYPES,
    FIELDS,
    GLAN,
    INTERNAL,
    JSON,
    MATCHES,
    NOTES,
    OWN_PROPERTIES,
    OWN_PROPERTY,
    SKOS,
    XSD,
    Role,
)  # fmt: skip

LARGEST_RDF = 64_000
DEEPEST_BLANK = 3
LABELS = {Role.alt_label: "altLabel", Role.hidden_label: "hiddenLabel"}
# What the plan itself says again: places, schemes, kinds.
SAID = (
    Role.broader, Role.narrower, Role.broader_transitive, Role.narrower_transitive, Role.in_scheme,
    Role.top_concept_of, Role.own_kind, Role.deprecated, Role.replaced_by, Role.related,
    Role.has_top_concept, Role.member, Role.member_list, Role.super_group, Role.own_name, Role.own_language,
    Role.own_description, Role.own_statement,
)  # fmt: skip
OWN_ROLES = (
    Role.deprecated, Role.own_kind, Role.own_name, Role.own_language, Role.own_description,
    Role.own_statement,
)  # fmt: skip


class Properties:
    """The properties of one concept, made of its statements."""

    def __init__(self, staging: Staging, said: Sequence[Fact], uri: str, languages: Sequence[str]) -> None:
        self._staging = staging
        self._uri = uri
        self._facts = said
        self.notation: list[str] = []
        self.found: dict[str, Any] = {}
        self.fields: dict[str, Any] = {}
        """Status, weight and position, if the file gives them."""
        self._notes: dict[int, list[tuple[str, str]]] = {}
        for fact in self._facts:
            self._take(fact)
        self._take_preferred()
        self.description = self._description(languages)
        if lines := self._rest():
            self.found["rdf"] = list(dict.fromkeys([*self.found.get("rdf", ()), *lines]))

    def _take(self, fact: Fact) -> None:
        predicate, role, target, value, lang, type_ = fact
        if role is None:
            if predicate.startswith(GLAN) and value is not None:
                self._take_own(predicate, value, type_ or "")
        elif role == Role.notation and value is not None:
            text = value + (f"^^{type_.replace('#', '/').rpartition('/')[2]}" if type_ else "")
            if text not in self.notation:
                self.notation.append(text)
        elif role in LABELS and value is not None:
            self._append(LABELS[Role(role)], lang, value)
        elif role in NOTES and value is not None:
            self._notes.setdefault(role, []).append((value, lang or ""))
            self._append(NOTES[Role(role)], lang, value)
        elif role in MATCHES and target is not None:
            self._append(MATCHES[Role(role)], None, target)
        elif role == Role.replaced_by and target is not None:
            self._append("replacedBy", None, target.removeprefix(INTERNAL))

    def _take_own(self, predicate: str, value: str, type_: str) -> None:
        """A field or a free property, as an export or a file of glan's own form says it."""
        name = predicate.removeprefix(OWN_PROPERTY).removeprefix(GLAN)
        try:
            found = own_value(value, type_)
        except ValueError:
            self._staging.problem("lost_statements", self._uri, f"{predicate}: {value[:100]} is not a value")
            return
        if predicate == OWN_PROPERTIES and isinstance(found, dict):
            self.found |= cast(dict[str, Any], found)
        elif name in FIELDS:
            self.fields[name] = found
        elif predicate.startswith(OWN_PROPERTY):
            self.found[name] = found

    def _take_preferred(self) -> None:
        """One preferred label per language; what is left is an alternative one."""
        labels = sorted({(lang or "", value) for _, role, _, value, lang, _ in self._facts
                         if role == Role.pref_label and value is not None})  # fmt: skip
        for lang, value in labels:
            name = _of("prefLabel", lang)
            if not lang and self.found.get("nameMissing") is True:
                continue
            if name not in self.found:
                self.found[name] = self._cut(name, value)
            elif value not in self.found.get(_of("altLabel", lang), []):
                self._append("altLabel", lang, value)

    def _append(self, name: str, lang: str | None, value: str) -> None:
        values = self.found.setdefault(_of(name, lang or ""), [])
        if (text := self._cut(name, value)) and text not in values:
            values.append(text)

    def _cut(self, name: str, value: str) -> str:
        text = clean_text(value)
        if len(text) > LONGEST_TEXT:
            self._staging.problem("too_long", self._uri, f"{name} has {len(text):,} characters and is cut")
        return text[:LONGEST_TEXT]

    def _description(self, languages: Sequence[str]) -> str:
        """The definition, else the scope note, in the language of names."""
        own = next((value for _, role, _, value, _, _ in self._facts if role == Role.own_description), None)
        if own:
            return self._cut("description", own)
        texts = self._notes.get(Role.definition) or self._notes.get(Role.scope_note)
        return self._cut("description", best(texts, languages)[0]) if texts else ""

    def _rest(self) -> list[str]:
        """What has no property of its own, as lines of N-Triples, with blank nodes named by their order."""
        blank: dict[str, str] = {}
        lines: list[str] = []
        size = 0
        for subject, fact in self._others():
            is_kept = fact[1] == Role.own_statement and fact[3] is not None
            line = clean_text(fact[3] or "") if is_kept else triple(subject, fact, blank)
            size += len(line.encode())
            if size > LARGEST_RDF:
                self._staging.problem(
                    "lost_statements", self._uri, f"over {LARGEST_RDF:,} bytes of other statements: {line}"
                )
            else:
                lines.append(line)
        return lines

    def _others(self) -> Iterator[tuple[str, Fact]]:
        level = [
            (self._uri, fact) for fact in self._facts if not _is_kept(fact) or fact[1] == Role.own_statement
        ]
        seen: set[str] = set()
        for depth in range(DEEPEST_BLANK + 1):
            below: list[tuple[str, Fact]] = []
            for subject, fact in level:
                yield subject, fact
                inner = fact[2]
                if inner is None or inner in seen or not _is_inner(fact):
                    continue
                seen.add(inner)
                number = self._staging.number(inner)
                more = [(inner, one) for one in facts(self._staging, [number], places_too=True)[number]]
                if depth == DEEPEST_BLANK and more:
                    self._staging.problem(
                        "lost_statements", self._uri, f"blank nodes over {DEEPEST_BLANK} deep: {fact[0]}"
                    )
                    continue
                below += more
            level = below

    def checked(self) -> dict[str, Any]:
        """The properties that can be stored; one that cannot is a problem `lost_statements`."""
        good: dict[str, Any] = {}
        for name, value in self.found.items():
            try:
                good |= storable_properties({name: value})
            except (ValueError, Invalid) as error:
                self._staging.problem("lost_statements", self._uri, str(error))
        return good


def own_value(value: str, type_: str) -> Any:
    """The value of a literal; raises ValueError if it does not fit its datatype."""
    if type_ == JSON:
        return json.loads(value)
    if type_ == XSD + "boolean":
        return value in ("true", "1")
    if type_ == XSD + "integer":
        return int(value)
    return float(value) if type_ in (XSD + "double", XSD + "decimal") else value


def _of(name: str, lang: str) -> str:
    return f"{name}_{lang.replace('-', '_')}" if lang else name


def _is_kept(fact: Fact) -> bool:
    """Whether the plan or a property says the same as a statement."""
    predicate, role, target, value, _, type_ = fact
    if role == Role.type:
        return target in (*CONCEPT_TYPES, SKOS + "ConceptScheme")
    if role is None:
        return predicate.startswith(GLAN)
    is_literal = role in LABELS or role in NOTES or role in (Role.pref_label, Role.notation)
    if is_literal and type_:
        # The property has no datatype, or, for a notation, the last part of it.
        return False
    if is_literal or role in MATCHES or role in SAID:
        # A more special predicate is kept beside what it is a case of.
        fits = (value is not None) == is_literal or role in OWN_ROLES
        return fits and (predicate.startswith(SKOS) or role in (Role.replaced_by, *OWN_ROLES))
    return False


def _is_inner(fact: Fact) -> bool:
    """Whether what a statement leads to belongs to the concept: a blank node, or a label of its own."""
    return (fact[2] or "").startswith("_:") or fact[1] in (Role.xl_pref, Role.xl_alt, Role.xl_hidden)


def triple(subject: str, fact: Fact, blank: dict[str, str]) -> str:
    """A statement as a line of N-Triples, without the full stop's line feed."""
    predicate, _, target, value, lang, type_ = fact
    if target is not None:
        object_ = _term(target, blank)
    else:
        object_ = literal(value or "") + (f"@{lang}" if lang else f"^^<{type_}>" if type_ else "")
    return clean_text(f"{_term(subject, blank)} <{predicate}> {object_} .")


def _term(term: str, blank: dict[str, str]) -> str:
    if term.startswith("_:"):
        return blank.setdefault(term, f"_:b{len(blank)}")
    return f"<{term}>"


ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def literal(value: str) -> str:
    """A text in quotes, as in N-Triples."""
    return f'"{value.translate(ESCAPES)}"'
