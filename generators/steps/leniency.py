"""Makes usable what a reply has that is JSON but not quite in the form asked for.

A reply is paid for as a whole, so one wrong field should not waste it: unknown fields are left out, texts and
lists that are too long are cut to their bounds, null counts as empty, one object as a list of one, and other
names that models use for our fields are understood. Nothing is made up: an item without a name, or without
a required concept, is dropped. Nothing is dropped from an opinion, where it would count as not found.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

# Other names that models give to our fields, in order of preference, in lower case and without marks.
NEAR = {
    "names": ("fields", "subfields", "disciplines", "fieldlist", "listofnames", "list", "items"),
    "name": ("title", "field", "subfield", "discipline", "fieldname", "subfieldname", "disciplinename"),
    "about": ("description", "summary", "scope", "explanation"),
    "subject_name": ("name", "title", "subject", "subjecttitle", "course", "coursename"),
    "level": ("subjectlevel", "difficulty"),
    "subtopics": ("topics", "subtopic", "mainsubtopics", "maintopics", "subsubjects"),
    "subjects": ("subjectlist", "listofsubjects", "courses", "list", "items"),
    "title": ("name", "sessiontitle", "sessionname", "session", "topic", "heading"),
    "description": ("summary", "content", "sessiondescription", "overview"),
    "key_concepts": ("concepts", "keyconcept", "concept", "keyterms", "keypoints", "keyideas"),
    "introduction": ("intro", "description", "overview"),
    "objectives": ("objective", "learningobjectives", "goals", "aims"),
    "outcomes": ("outcome", "learningoutcomes", "results"),
    "sessions": ("session", "classsessions", "classes", "lessons", "modules", "weeks", "units", "lectures"),
    "question": ("homeworkquestion", "homework", "task", "exercise", "questiontext", "problem"),
}
MARKS = re.compile(r"[\W_]+")
# What separates the names of a list that came as one text.
BETWEEN = re.compile(r"\s*[;,、，；\n]\s*(?:[-*•]\s*)?")
LETTER = re.compile(r"[^\W_]")
# What stands in a list in place of leaving it empty.
NOTHING = re.compile(
    r"\W*(?:|none|null|nil|n\W?a|nothing|(?:there (?:are|is) )?no (?:\w+ ){0,2}(?:flaw|problem|issue|error"
    r"|mistake|change|improvement)s?(?: (?:was|were|is|are))?(?: (?:found|identified|detected|needed"
    r"|necessary|required))?(?: (?:in|with) (?:the|this) answer)?)?\W*",
    re.IGNORECASE,
)
# What parts a value from a remark on it: `wrong_fact: the year is 1776`.
REMARK = re.compile(r"\s*[:：;(（,—–]|\s+-+\s")

Part = Mapping[str, Any]


def shaped(value: Any, schema: Part, *, whole: bool = False) -> Any:
    """A JSON value in the form of `schema` (a JSON schema of parsing), as far as its parts are there.

    `whole`: no list is left out for an empty one, and no item of it dropped, unless it says that there is
    none; the schema then refuses the value.
    """
    return _Shape(schema.get("$defs", {}), whole).of(value, schema)


def says_nothing(text: str) -> bool:
    """Whether an item of a list says that there is none: `None`, `n/a`, `No problems found.`"""
    return NOTHING.fullmatch(text) is not None


class _Shape:
    def __init__(self, definitions: Part, whole: bool) -> None:
        self._definitions = definitions
        self._whole = whole

    def of(self, value: Any, part: Part) -> Any:
        part = self._resolved(part)
        shape: Callable[[Any, Part], Any] = {
            "object": self._object,
            "array": self._list,
            "string": self._text,
        }.get(part["type"], _as_it_is)
        return shape(value, part)

    def _resolved(self, part: Part) -> Part:
        return self._definitions[part["$ref"].rpartition("/")[2]] if "$ref" in part else part

    def _object(self, value: Any, part: Part) -> dict[str, Any]:
        wanted: dict[str, Part] = part["properties"]
        found = _fields(self._unwrapped(value, wanted), wanted)
        return {
            name: self.of(found.get(name), inner)
            for name, inner in wanted.items()
            if name in found or not (self._whole and self._resolved(inner)["type"] == "array")
        }

    def _unwrapped(self, value: Any, wanted: Mapping[str, Part]) -> dict[str, Any]:
        """The object that was meant: unwrapped from another one, or made from its list or its name alone."""
        lists = [name for name, inner in wanted.items() if "$ref" in inner.get("items", {})]
        if isinstance(value, list):
            items = cast(list[Any], value)
            if lists:
                return {lists[0]: items}
            return self._unwrapped(items[0], wanted) if len(items) == 1 else {}
        if isinstance(value, str):
            return {} if lists else {next(iter(wanted)): value}
        if not isinstance(value, dict):
            return {}
        fields = cast(dict[str, Any], value)
        if _fields(fields, wanted):
            return fields
        if lists and self._is_item(fields, wanted[lists[0]]):
            return {lists[0]: [fields]}
        return self._unwrapped(next(iter(fields.values())), wanted) if len(fields) == 1 else {}

    def _is_item(self, fields: dict[str, Any], part: Part) -> bool:
        """Whether an object is an item of a list of objects: it has the first field of the items."""
        properties: dict[str, Part] = self._resolved(part["items"])["properties"]
        return next(iter(properties)) in _fields(fields, properties)

    def _list(self, value: Any, part: Part) -> list[Any]:
        items = [self.of(item, part["items"]) for item in self._items(value, part)]
        if self._whole:
            kept = [self._without_remark(item, part["items"]) for item in items if not says_nothing(item)]
        else:
            kept = [item for item in items if self._is_usable(item, part["items"])]
        return kept[: part.get("maxItems")]

    def _without_remark(self, item: str, part: Part) -> str:
        values = self._resolved(part).get("enum")
        return _one_of(values, REMARK.split(item, maxsplit=1)[0]) if values else item

    def _items(self, value: Any, part: Part) -> list[Any]:
        if isinstance(value, list):
            return cast(list[Any], value)
        if value is None:
            return []
        if isinstance(value, str) and "$ref" not in part["items"]:
            return [item for item in BETWEEN.split(value) if item]
        if isinstance(value, dict) and "$ref" in part["items"]:
            item = self._resolved(part["items"])
            fields = cast(dict[str, Any], value)
            # {"1": {...}, "2": {...}}
            if not _fields(fields, item["properties"]) and all(isinstance(v, dict) for v in fields.values()):
                return list(fields.values())
        return [value]

    def _is_usable(self, item: Any, part: Part) -> bool:
        part = self._resolved(part)
        if "enum" in part:
            return item in part["enum"]
        match part["type"]:
            case "object":
                return all(self._is_usable(item[name], inner) for name, inner in part["properties"].items())
            case "array":
                return len(item) >= part.get("minItems", 0)
            case _:
                return not part.get("minLength") or (
                    len(item) >= part["minLength"] and LETTER.search(item) is not None
                )

    def _text(self, value: Any, part: Part) -> str:
        text = _cut(_as_text(value), part.get("maxLength"))
        return _one_of(part["enum"], text) if "enum" in part else text


def _as_it_is(value: Any, part: Part) -> Any:
    """A number or a truth value: a wrong one is refused by the schema, for there is nothing to cut."""
    return value


def _one_of(values: Sequence[str], text: str) -> str:
    """The value that a text spells otherwise, or the text, which the schema then refuses."""
    plain = MARKS.sub("", text).casefold()
    return next((value for value in values if MARKS.sub("", value).casefold() == plain), text)


def _fields(value: Mapping[str, Any], wanted: Mapping[str, Part]) -> dict[str, Any]:
    """The fields of an object under their wanted names; each field is used once."""
    given = {MARKS.sub("", name).casefold(): field for name, field in value.items()}
    found = {name: given.pop(plain) for name in wanted if (plain := MARKS.sub("", name)) in given}
    for name in wanted:
        near = next((near for near in NEAR.get(name, ()) if near in given), None)
        if name not in found and near is not None:
            found[name] = given.pop(near)
    return found


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, list):
        return "; ".join(filter(None, map(_as_text, cast(list[Any], value))))
    if isinstance(value, dict):
        fields = cast(dict[str, Any], value)
        # The name of {"name": "Lift", "explanation": "..."}.
        return next((text for field in fields.values() if (text := _as_text(field))), "")
    return str(value)


def _cut(text: str, most: int | None) -> str:
    """A text cut to `most` characters, at the end of a word if possible."""
    if most is None or len(text) <= most:
        return text
    words = text[: most + 1].rsplit(None, 1)[0]
    return words if len(words) <= most else text[:most]
