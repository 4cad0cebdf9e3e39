"""The labels and notes of a node for an export: as they were imported, with later edits in place."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, cast

from graph.database import Row
from graph.taxonomy.told import is_said, said
from service.taxonomies.planning.labels import best, matches, storable
from service.taxonomies.vocabulary import MATCHES as OF_MATCHES
from service.taxonomies.vocabulary import NOTES as OF_NOTES

LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
LABELS = ("altLabel", "hiddenLabel")
NOTES = tuple(OF_NOTES.values())
MATCHES = tuple(OF_MATCHES.values())
TAGGED = ("prefLabel", *LABELS, *NOTES)
Texts = list[tuple[str, str]]
"""Texts with their languages; the language is empty where none is known."""


@lru_cache(10_000)
def tag_of(name: str) -> tuple[str, str] | None:
    """What a property such as prefLabel_en_gb is of SKOS, and its language; None if it is a free one."""
    base, _, tag = name.partition("_")
    tag = tag.replace("_", "-")
    if base not in TAGGED or (name != base and not LANGUAGE.fullmatch(tag)):
        return None
    return base, tag


def listed(node: Row, name: str) -> list[Any]:
    """The values of a property, one or several."""
    value = node.get(name)
    if value is None:
        return []
    return cast(list[Any], value) if isinstance(value, list) else [value]


def texts(node: Row, base: str) -> Texts:
    """The texts of a property in all languages, these in order."""
    tags = sorted((found[1], name) for name in node if (found := tag_of(name)) and found[0] == base)
    return [(str(text), tag) for tag, name in tags for text in listed(node, name)]


def language_of(node: Row) -> str:
    """The language of the label that the name is; empty if it is not known."""
    return next((tag for text, tag in texts(node, "prefLabel") if tag and storable(text) == node["name"]), "")


def preferred(node: Row, languages: Sequence[str]) -> Texts:
    """One preferred label per language. A name that was edited is the label in its language."""
    found = {tag: text for text, tag in reversed(texts(node, "prefLabel"))}
    name, before = node["name"], said(node).get("name")
    if not found:
        found = {languages[0] if languages else "": name}
    elif name != before and all(storable(text) != name for text in found.values()):
        found[_language_before(found, str(before or ""))] = name
    chosen = _of_languages([(found[tag], tag) for tag in sorted(found)], languages)
    return chosen or [(name, "")]


def _language_before(found: dict[str, str], before: str) -> str:
    """The language of the label that a name was, maybe with what told it from others in brackets."""
    for tag in sorted(found):
        label = storable(found[tag])
        if label and (before == label or before.startswith(f"{label} (")):
            return tag
    return ""


def others(node: Row, languages: Sequence[str]) -> dict[str, Texts]:
    """Alternative and hidden labels; a text is a label of one sort only (S13 of SKOS)."""
    seen = set(preferred(node, languages))
    found: dict[str, Texts] = {}
    for base in LABELS:
        wanted = [label for label in texts(node, base) if label not in seen]
        found[base] = _of_languages(list(dict.fromkeys(wanted)), languages)
        seen |= {*wanted}
    return found


def notes(node: Row, languages: Sequence[str]) -> dict[str, Texts]:
    """Notes by sort. A description that was edited stands where the imported one stood."""
    found = {base: texts(node, base) for base in NOTES}
    description, before = node.get("description") or "", said(node).get("description")
    if not is_said(description or None, before):
        _put_description(found, description, before, languages)
    return {base: _of_languages(list(dict.fromkeys(some)), languages) for base, some in found.items()}


def _put_description(
    found: dict[str, Texts], description: str, before: Any, languages: Sequence[str]
) -> None:
    known = [text for base in ("definition", "scopeNote") for text, _ in found[base]]
    if description in known:
        return
    for base in ("definition", "scopeNote"):
        for n, (text, tag) in enumerate(found[base]):
            if before and is_said(text, before):
                found[base][n : n + 1] = [(description, tag)] if description else []
                return
    if description:
        found["definition"].insert(0, (description, languages[0] if languages else ""))


def _of_languages(some: Texts, languages: Sequence[str]) -> Texts:
    if not languages:
        return some
    return [(text, tag) for text, tag in some if not tag or any(matches(tag, one) for one in languages)]


def derived(labels: Texts, language: str) -> str:
    """The name that a reader makes of preferred labels, given the language of names."""
    return storable(best(sorted(labels), (language,) if language else ())[0])


def free(node: Row, reserved: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """The properties that SKOS has no word for, in order."""
    said = {*MATCHES, "rdf", "related", "broaderRedundant", "replacedBy", "deprecated"}
    for name in sorted(node):
        if name not in reserved and name not in said and tag_of(name) is None and node[name] is not None:
            yield name, node[name]
