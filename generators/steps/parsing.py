"""Replies into values. Parsing is apart from calling: what was paid for is kept until it is parsed.

A reply is read strictly first, then without the fence around it, then for what is usable of it (`leniency`),
then mended by json-repair; what was mended has to fit the schema like anything else. A reply that was cut is
not mended, because what is missing would be made up: of a list its whole items are taken.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import from_json

from generators.errors import CallFailed, FormatRefused, GenerationError, TooLong, Unusable
from generators.method import Sampling
from generators.models.budget import BudgetSpent
from generators.models.chat import ChatModel, Message, Reply
from generators.models.stop import Stopped
from generators.models.thinking import joined
from generators.prompts import render
from generators.steps import language
from generators.steps.leniency import shaped
from generators.usage import Usage
from graph.reasons import Reason
from graph.text import clean_text

FENCE = re.compile(r"^```(?:json)?\s*(.*?)\s*```$", re.DOTALL)
WORDS = re.compile(r"\w+")
# What clean_text takes away, and tabs and the like, which it leaves: control characters and surrogates.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Beyond this nothing is mended: it takes long, and no reply of ours is so long.
LONGEST_MENDED = 200_000
FORMATS = 3
# A list of a few sessions or subjects has no fewer.
FEWEST_LINES = 6
# What a model that declines begins with. Each is unmistakable at the beginning of a whole short reply; a
# character in a story who is sorry, or an answer on what language models cannot do, is none.
REFUSAL = re.compile(
    r"(?:(?:I'm|I am|I apologi[sz]e|Sorry|My apologies|Unfortunately)(?: (?:very |really )?sorry)?"
    r"(?:,|\.|!)?(?: but)?,? ?)?"
    r"(?:I (?:can't|cannot|can not|won't|am unable to|am not able to)|I'm (?:unable|not able) to) "
    r"(?:(?:assist|help)(?: you)? with (?:this|that|your)\b"
    r"|(?:comply with|fulfil?l) (?:this|that|your) request)"
    r"|(?:(?:I'm|I am) sorry,? but )?As an AI(?: language model| assistant| model)?,? "
    r"(?:I (?:can't|cannot|can not|am unable to|am not able to)|I'm (?:unable|not able) to)\b",
    re.IGNORECASE,
)
LONGEST_REFUSAL = 400

M = TypeVar("M", bound="ReplySchema")
Bounds = tuple[tuple[str, int, int], ...]
Shorter = Callable[[], Sequence[Message]]
"""The same conversation with less in it, for a model whose context the first one exceeds."""


class ReplySchema(BaseModel):
    """Base of what models are asked to reply; every string and list in it has bounds.

    Small models run on where there are none, and large ones bill for it.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        return _clean(value) if isinstance(value, str) else value


def _clean(text: str) -> str:
    """As clean_text, which looks at every character by itself; nearly every text needs nothing of it."""
    return clean_text(text) if CONTROLS.search(text) else text


@cache
def json_schema(schema: type[ReplySchema], bounds: Bounds = ()) -> Mapping[str, Any]:
    """The JSON schema of `schema`; `bounds` sets the fewest and most items of lists in it, by their names."""
    document = schema.model_json_schema()
    for part in (document, *document.get("$defs", {}).values()):
        for name, fewest, most in bounds:
            if name in part["properties"]:
                part["properties"][name] |= {"minItems": fewest, "maxItems": most}
    return document


@cache
def schema_text(schema: type[ReplySchema], bounds: Bounds = ()) -> str:
    """The JSON schema as prompts state it."""
    return json.dumps(json_schema(schema, bounds), separators=(",", ":"))


def parse(reply: Reply, schema: type[M]) -> M:
    """The value in a reply; raises Unusable with its reason and what was wrong."""
    try:
        # Nearly every reply is as it was asked for; what is not is looked at more closely.
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
    """What can be used of a text that is not quite what was asked for; None: nothing."""
    try:
        value: Any = from_json(_unfenced(text), allow_partial=cut)
    except ValueError:
        return None if cut else _mended(text, schema)
    return _fitting(value, schema)


def _fitting(value: Any, schema: type[M]) -> M | None:
    try:
        return schema.model_validate(shaped(value, json_schema(schema)))
    except ValidationError:
        return None


def _mended(text: str, schema: type[M]) -> M | None:
    """What json-repair makes of a text, where it fits the schema."""
    if len(text) > LONGEST_MENDED or not ("{" in text or "[" in text):
        return None
    import json_repair

    value: Any = json_repair.loads(text)
    # Of a sentence with brackets it makes a list of words.
    objects = cast(list[Any], value) if isinstance(value, list) else [value]
    return _fitting(value, schema) if all(isinstance(item, dict) for item in objects) else None


def require_text(reply: Reply, *, cut_is_fine: bool = False) -> str:
    """The text of a reply that is one; raises Unusable for an empty, refused or (unless fine) cut one."""
    text = _clean(reply.text).strip()
    if reply.finish_reason in ("refusal", "content_filter"):
        raise unusable(reply, Reason.refused, "the model or its content filter declined")
    if not text:
        raise unusable(reply, Reason.empty, "the reply has no text")
    if reply.finish_reason == "malformed":
        raise unusable(reply, Reason.malformed, "the endpoint's response is not a chat completion")
    if reply.finish_reason == "length" and not cut_is_fine:
        raise unusable(reply, Reason.truncated, "the reply was cut at the limit of tokens")
    if is_refusal(text):
        raise unusable(reply, Reason.refused, "the reply begins like a refusal")
    return text


def is_refusal(text: str) -> bool:
    """Whether a reply is one of the few that unmistakably decline; in doubt it is not."""
    return len(text) <= LONGEST_REFUSAL and REFUSAL.match(text.replace("’", "'")) is not None


def require_language(reply: Reply, text: str, wanted: str | None, topic: str) -> None:
    """Raises Unusable for a text surely in another language than a job's (as people name it)."""
    if wanted is not None and language.is_other(text, language.code_of(wanted), topic):
        raise unusable(reply, Reason.wrong_language, f"the text is not in {wanted}")


def same_words(text: str) -> str:
    """The words of a text in small letters: a text that repeats another has the same."""
    return " ".join(WORDS.findall(text.casefold()))


def begins_with(text: str, other: str) -> bool:
    """Whether a text is or begins with the words of another."""
    first, wanted = WORDS.search(text), WORDS.search(other)
    # Nearly every text has another first word.
    if not first or not wanted or first[0].casefold() != wanted[0].casefold():
        return False
    # The beginning of the text, with room for marks between its words.
    return same_words(text[: 2 * len(other) + 40]).startswith(same_words(other))


def unusable(reply: Reply, reason: Reason, detail: str) -> Unusable:
    """The error for a reply that cannot be used, with the reply in it."""
    # With its thinking: whoever reads it again takes the two apart again.
    raw = joined(reply.thinking, reply.text)
    return Unusable(reason, detail, raw, reply.finish_reason, reply.usage)


def _explained(error: ValidationError) -> str:
    lines = [f"{'.'.join(map(str, e['loc'])) or 'reply'}: {e['msg']}" for e in error.errors()[:5]]
    return "; ".join(lines)


class Verdict(NamedTuple):
    """What there is to say of a reply that can be used."""

    problem: str | None = None
    """What is wrong with it, in words for the model, where that is worth another call; None: nothing."""
    score: float = 0.0
    """Of several replies the one with the highest is taken."""


class Taken(NamedTuple, Generic[M]):
    """The value that was taken, the reply it came in with the usage of all calls, and what is said of it."""

    value: M
    reply: Reply
    verdict: Verdict
    calls: int = 1


Judge = Callable[[M], Verdict]


async def ask(
    model: ChatModel,
    messages: Sequence[Message],
    schema: type[M],
    sampling: Sampling,
    *,
    bounds: Bounds = (),
    seed: int | None = None,
    shorter: Shorter | None = None,
) -> tuple[M, Reply]:
    """A parsed reply and the reply, with the usage of all calls; raises GenerationError.

    One that does not parse is asked for once more with its error. `shorter` is what is asked where the
    model's context is too small for `messages`.
    """
    taken = await best_of(
        Question(model, schema, bounds, sampling, seed), messages, shorter=shorter, judge=lambda _: Verdict()
    )
    return taken.value, taken.reply


async def best_of(
    question: "Question[M]",
    messages: Sequence[Message],
    *,
    judge: Judge[M],
    shorter: Shorter | None = None,
    tries: int = 2,
) -> Taken[M]:
    """As `ask`, and what `judge` finds a problem in is asked for once more too, with what was wrong.

    After `tries` calls the best of the replies that parse is taken.
    """
    try:
        reply = await question.sent(messages)
    except TooLong:
        if shorter is None:
            raise
        messages = shorter()
        reply = await question.sent(messages)
    tried = _Tries(question.schema, judge)
    while (problem := tried.problem_of(reply)) and tried.calls < tries:
        try:
            reply = await _once_more(question, messages, problem)
        except Unusable:
            if tried.best is None:
                raise
            # That call failed, not the reply that is there already.
            break
    return tried.taken()


class _Tries(Generic[M]):
    """The replies to one question, and the best of them so far."""

    def __init__(self, schema: type[M], judge: Judge[M]) -> None:
        self.calls = 0
        self.best: Taken[M] | None = None
        self._problem: Unusable | None = None
        self._schema, self._judge = schema, judge

    def problem_of(self, reply: Reply) -> Unusable | None:
        """What is wrong with a further reply, if anything; raises Unusable for a first one that declines."""
        self.calls += 1
        try:
            value = parse(reply, self._schema)
        except Unusable as error:
            if error.reason is Reason.refused and self.calls == 1:
                raise
            self._problem = error
            return error
        verdict = self._judge(value)
        if self.best is None or verdict.problem is None or verdict.score > self.best.verdict.score:
            self.best = Taken(value, reply, verdict)
        said = verdict.problem
        self._problem = None if said is None else unusable(reply, Reason.malformed, said)
        return self._problem

    def taken(self) -> Taken[M]:
        """The best, with the usage of all and how many there were; raises Unusable where there is none."""
        if self.best is None:
            assert self._problem
            raise self._problem
        last = self._problem or self.best.reply
        return self.best._replace(reply=replace(self.best.reply, usage=last.usage), calls=self.calls)


async def _once_more(question: "Question[Any]", messages: Sequence[Message], problem: Unusable) -> Reply:
    """The next reply, with the usage of all so far; where it cannot be had, the last one's problem stands."""
    repair = render("repair", error=problem.detail, schema=question.schema_text)
    said: list[Message] = (
        [{"role": "assistant", "content": problem.raw[:4000]}] if problem.raw.strip() else []
    )
    try:
        reply = await question.sent([*messages, *said, {"role": "user", "content": repair}], stated=True)
    except CallFailed as error:
        problem.usage += error.usage
        raise problem from error
    except (GenerationError, Stopped, BudgetSpent) as error:
        # The run ends here; what was paid for the first reply is not to be forgotten.
        raise problem from error
    return replace(reply, usage=problem.usage + reply.usage)


class Question(Generic[M]):
    """What is the same in the calls for one value."""

    def __init__(
        self,
        model: ChatModel,
        schema: type[M],
        bounds: Bounds,
        sampling: Sampling,
        seed: int | None,
    ) -> None:
        self._model = model
        self._document = json_schema(schema, bounds)
        self.schema, self._bounds = schema, bounds
        self._sampling, self._seed = sampling, seed

    @property
    def schema_text(self) -> str:
        """The JSON schema as prompts state it."""
        return schema_text(self.schema, self._bounds)

    async def sent(self, messages: Sequence[Message], *, stated: bool = False) -> Reply:
        """The reply; where the endpoint does not take a format, in the next one, which costs nothing.

        `stated`: the schema stands in the last turn already.
        """
        refused: FormatRefused | None = None
        for _ in range(FORMATS):
            turns = messages if stated else self._in_format(messages, self._model.format)
            try:
                return await self._model.chat(turns, self._sampling, self._document, self._seed)
            except FormatRefused as error:
                refused = error
        # Without any format there is nothing left to refuse.
        raise CallFailed(Reason.bad_request, str(refused)) from refused

    def _in_format(self, messages: Sequence[Message], format: str) -> Sequence[Message]:
        """Where the endpoint does not hold the model to the schema, the last turn states it."""
        if format == "schema":
            return messages
        prompt = render("schema", prompt=messages[-1]["content"], schema=self.schema_text)
        return [*messages[:-1], {"role": "user", "content": prompt}]


async def draft(
    model: ChatModel,
    messages: Sequence[Message],
    sampling: Sampling,
    seed: int | None,
    shorter: Shorter | None = None,
) -> tuple[str, Usage]:
    """A free text, such as the first turn of subjects and syllabi; raises GenerationError.

    A very small model often ends after a sentence: it is asked again, and the text of most lines is taken.
    """
    text, usage = await _drafted(model, messages, sampling, seed, shorter)
    for again in range(1, model.tries if model.small else 1):
        if _lines(text) >= FEWEST_LINES:
            break
        try:
            other, used = await _drafted(
                model, messages, sampling, None if seed is None else seed + again, shorter
            )
        except Unusable as error:
            other, used = "", error.usage
        text, usage = max(text, other, key=_lines), usage + used
    return text, usage


def _lines(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())


async def _drafted(
    model: ChatModel,
    messages: Sequence[Message],
    sampling: Sampling,
    seed: int | None,
    shorter: Shorter | None,
) -> tuple[str, Usage]:
    try:
        reply = await model.chat(messages, sampling, seed=seed)
    except TooLong:
        if shorter is None:
            raise
        reply = await model.chat(shorter(), sampling, seed=seed)
    return require_text(reply, cut_is_fine=True), reply.usage
