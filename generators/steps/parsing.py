"""Turns replies into values, without a call.

A reply is parsed strictly first, then without its code fence, then for its usable parts (`leniency`), then as
repaired by json-repair; a repaired reply must fit the schema too. A truncated reply is not repaired, because
the missing part would be made up: of a list, its complete items are used. Of an opinion nothing is: without
its last flaw or figure it would be another opinion.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import from_json

from generators.errors import Unusable
from generators.models.chat import Reply
from generators.models.replies.thinking import joined
from generators.quality.rules.answer_words import LONGEST_REFUSAL, MAY_DECLINE, REFUSAL_EN
from generators.steps import language
from generators.steps.leniency import shaped
from graph.reasons import Reason
from graph.text import clean_text

FENCE = re.compile(r"^```(?:json)?\s*(.*?)\s*```$", re.DOTALL)
# Control characters and surrogates: all that clean_text removes, and a few more.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Repairing a longer reply would take long, and none of ours is that long.
LONGEST_MENDED = 200_000
M = TypeVar("M", bound="ReplySchema")
Bounds = tuple[tuple[str, int, int], ...]


class ReplySchema(BaseModel):
    """Base of the replies that models are asked for; every string and list in them has bounds.

    Without bounds small models write without end, and large ones bill for it.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    whole: ClassVar[bool] = False
    """Whether a part of it is of no use: it is read only with its closing bracket, all of its lists, and
    nothing left out of them."""

    @field_validator("*", mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        return _clean(value) if isinstance(value, str) else value


def _clean(text: str) -> str:
    """As clean_text, but fast for a text without control characters, which nearly all are."""
    return clean_text(text) if CONTROLS.search(text) else text


@cache
def json_schema(schema: type[ReplySchema], bounds: Bounds = ()) -> Mapping[str, Any]:
    """The JSON schema of `schema`; `bounds` sets the fewest and most items of its lists, by name."""
    document = schema.model_json_schema()
    for part in (document, *document.get("$defs", {}).values()):
        for name, fewest, most in bounds:
            if name in part["properties"]:
                part["properties"][name] |= {"minItems": fewest, "maxItems": most}
    return document


@cache
def schema_text(schema: type[ReplySchema], bounds: Bounds = ()) -> str:
    """The JSON schema as text for prompts."""
    return json.dumps(json_schema(schema, bounds), separators=(",", ":"))


def parse(reply: Reply, schema: type[M]) -> M:
    """The value in a reply; raises Unusable with its reason and the problem."""
    try:
        # The fast path: nearly every reply has the requested form.
        if reply.finish_reason == "stop":
            return schema.model_validate_json(reply.text)
    except ValidationError:
        pass
    require_text(reply, cut_is_fine=True)
    try:
        return schema.model_validate_json(_unfenced(reply.text))
    except ValidationError as error:
        cut = reply.finish_reason == "length"
        usable = _usable(reply.text, schema, cut=cut)
        if usable is None:
            raise unusable(reply, Reason.truncated if cut else Reason.malformed, _explained(error)) from error
        return usable


def _unfenced(text: str) -> str:
    text = text.strip()
    fenced = FENCE.match(text)
    return fenced[1] if fenced else text


def _usable(text: str, schema: type[M], *, cut: bool) -> M | None:
    """The usable parts of a text that does not quite have the requested form; None if there are none."""
    try:
        value: Any = from_json(_unfenced(text), allow_partial=cut and not schema.whole)
    except ValueError:
        return None if cut else _mended(text, schema)
    return _fitting(value, schema)


def _fitting(value: Any, schema: type[M]) -> M | None:
    try:
        return schema.model_validate(shaped(value, json_schema(schema), whole=schema.whole))
    except ValidationError:
        return None


def _mended(text: str, schema: type[M]) -> M | None:
    """A text as repaired by json-repair, if it then fits the schema."""
    if len(text) > LONGEST_MENDED or not ("{" in text or "[" in text):
        return None
    if schema.whole and not _is_closed(text, schema):
        return None
    import json_repair

    value: Any = json_repair.loads(text)
    # json-repair turns a sentence with brackets into a list of words.
    objects = cast(list[Any], value) if isinstance(value, list) else [value]
    return _fitting(value, schema) if all(isinstance(item, dict) for item in objects) else None


def _is_closed(text: str, schema: type[ReplySchema]) -> bool:
    """Whether an object that is not quite JSON has its closing bracket, behind the last of its fields."""
    fields = "|".join(schema.model_fields)
    last = max((found.end() for found in re.finditer(rf"\b(?:{fields})\W?\s*:", text)), default=0)
    return text.count("{") <= text.count("}") and text.rfind("}") > last


def require_text(reply: Reply, *, cut_is_fine: bool = False, about: str = "") -> str:
    """The text of a reply; raises Unusable if it is empty, refused or (unless fine) truncated.

    `about`: of an answer, its question and topic, which may ask for what sounds like a refusal.
    """
    text = _clean(reply.text).strip()
    if reply.finish_reason in ("refusal", "content_filter"):
        raise unusable(reply, Reason.refused, "the model or its content filter declined")
    if not text:
        raise unusable(reply, Reason.empty, "the reply has no text")
    if reply.finish_reason == "malformed":
        raise unusable(reply, Reason.malformed, "the endpoint's response is not a chat completion")
    if reply.finish_reason == "length" and not cut_is_fine:
        raise unusable(reply, Reason.truncated, "the reply was cut at the limit of tokens")
    if is_refusal(text) and not MAY_DECLINE.search(about):
        raise unusable(reply, Reason.refused, "the reply begins like a refusal")
    return text


def is_refusal(text: str) -> bool:
    """Whether a reply unmistakably declines; in doubt it does not."""
    text = text.lstrip("*_# \n").replace("’", "'")
    return len(text) <= LONGEST_REFUSAL and REFUSAL_EN.match(text) is not None


def require_language(reply: Reply, text: str, wanted: str | None, topic: str) -> None:
    """Raises Unusable if a text is certainly in another language than the job's (given by name)."""
    if wanted is not None and language.is_other(text, language.code_of(wanted), topic):
        raise unusable(reply, Reason.wrong_language, f"the text is not in {wanted}")


def unusable(reply: Reply, reason: Reason, detail: str) -> Unusable:
    """The error for an unusable reply, which it carries."""
    # Includes the thinking; `glan job reparse` separates the two again.
    raw = joined(reply.thinking, reply.text)
    return Unusable(reason, detail, raw, reply.finish_reason, reply.usage)


def _explained(error: ValidationError) -> str:
    lines = [f"{'.'.join(map(str, e['loc'])) or 'reply'}: {e['msg']}" for e in error.errors()[:5]]
    return "; ".join(lines)
