"""Replies into values. Parsing is apart from calling: what was paid for is kept until it is parsed."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from generators.errors import Unusable
from generators.llm import ChatModel, Message, Reply, Sampling
from generators.prompts import render
from generators.usage import Usage
from graph.model import clean_text

FENCE = re.compile(r"^```(?:json)?\s*(.*?)\s*```$", re.DOTALL)

M = TypeVar("M", bound="ReplySchema")
Bounds = tuple[tuple[str, int, int], ...]


class ReplySchema(BaseModel):
    """Base of what models are asked to reply; every string and list in it has bounds.

    Small models run on where there are none, and large ones bill for it.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        return clean_text(value) if isinstance(value, str) else value


@cache
def json_schema(schema: type[ReplySchema], bounds: Bounds = ()) -> Mapping[str, Any]:
    """The JSON schema of `schema`; `bounds` sets the fewest and most items of lists in it, by their names."""
    document = schema.model_json_schema()
    for part in (document, *document.get("$defs", {}).values()):
        for name, fewest, most in bounds:
            if name in part["properties"]:
                part["properties"][name] |= {"minItems": fewest, "maxItems": most}
    return document


def parse(reply: Reply, schema: type[M]) -> M:
    """The value in a reply; raises Unusable with a reason of the closed list and what was wrong."""
    require_text(reply, cut_is_fine=True)
    text = reply.text.strip()
    fenced = FENCE.match(text)
    try:
        return schema.model_validate_json(fenced[1] if fenced else text)
    except ValidationError as error:
        reason = "truncated" if reply.finish_reason == "length" else "malformed"
        raise _unusable(reply, reason, _explained(error)) from error


def require_text(reply: Reply, *, cut_is_fine: bool = False) -> str:
    """The text of a reply that is one; raises Unusable for an empty, refused or (unless fine) cut one."""
    text = clean_text(reply.text).strip()
    if reply.finish_reason in ("refusal", "content_filter"):
        raise _unusable(reply, "refused", "the model refused to reply")
    if not text:
        raise _unusable(reply, "empty", "the reply has no text")
    if reply.finish_reason == "length" and not cut_is_fine:
        raise _unusable(reply, "truncated", "the reply was cut at the limit of tokens")
    return text


def _unusable(reply: Reply, reason: str, detail: str) -> Unusable:
    return Unusable(reason, detail, reply.text, reply.finish_reason, reply.usage)


def _explained(error: ValidationError) -> str:
    lines = [f"{'.'.join(map(str, e['loc'])) or 'reply'}: {e['msg']}" for e in error.errors()[:5]]
    return "; ".join(lines)


async def ask(
    model: ChatModel,
    messages: Sequence[Message],
    schema: type[M],
    sampling: Sampling,
    *,
    bounds: Bounds = (),
    seed: int | None = None,
) -> tuple[M, Usage]:
    """A parsed reply; one that does not parse is asked for once more with its error; raises Unusable."""
    document = json_schema(schema, bounds)
    first = await model.chat(messages, sampling, document, seed)
    try:
        return parse(first, schema), first.usage
    except Unusable as error:
        if error.reason == "refused":
            raise
        problem = error
    repair = render("repair", error=problem.detail, schema=json.dumps(document))
    again: list[Message] = [
        *messages,
        {"role": "assistant", "content": first.text[:4000]},
        {"role": "user", "content": repair},
    ]
    second = await model.chat(again, sampling, document, seed)
    usage = first.usage + second.usage
    try:
        return parse(second, schema), usage
    except Unusable as error:
        error.usage = usage
        raise
