"""Asks a model for a value: in the format that its endpoint takes, and once more if a reply is not usable.

The usage of all calls is counted, whatever becomes of their replies.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Generic, NamedTuple, TypeVar

from generators.errors import CallFailed, FormatRefused, GenerationError, TooLong, Unusable
from generators.method import Sampling
from generators.models.budget import BudgetSpent
from generators.models.chat import ChatModel, Message, Reply
from generators.models.stop import Stopped
from generators.prompts import render
from generators.steps.parsing import (
    Bounds,
    ReplySchema,
    json_schema,
    parse,
    require_text,
    schema_text,
    unusable,
)
from generators.usage import Usage
from graph.reasons import Reason

FORMATS = 3
# A list of a few sessions or subjects has at least this many lines.
FEWEST_LINES = 6

M = TypeVar("M", bound=ReplySchema)
Shorter = Callable[[], Sequence[Message]]
"""Makes a shorter version of a conversation, for a model whose context the first one exceeds."""


class Verdict(NamedTuple):
    """The assessment of a usable reply."""

    problem: str | None = None
    """The problem, in words for the model, if it is worth another call."""
    score: float = 0.0
    """The reply with the highest score is used."""


class Taken(NamedTuple, Generic[M]):
    """The value used, its reply with the usage of all calls, its verdict, and the number of calls."""

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
    """A parsed reply, and the reply with the usage of all calls; raises GenerationError.

    A reply that does not parse is requested once more, with its error. `shorter` replaces `messages` if the
    model's context is too small for them.
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
    """As `ask`, and a reply in which `judge` finds a problem is requested once more too, with the problem.

    After `tries` calls the best of the replies that parse is used.
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
            # The repeated call failed; the first reply is still usable.
            break
    return tried.taken()


async def extracted(
    question: "Question[M]",
    messages: Sequence[Message],
    drafted: str,
    prompt: str,
    *,
    judge: Judge[M],
    shorter: Shorter | None = None,
    tries: int = 2,
) -> Taken[M]:
    """As `best_of`, in a second turn: `messages`, or `shorter` ones, were answered by the text `drafted`."""

    def turns(first: Sequence[Message]) -> list[Message]:
        return [*first, {"role": "assistant", "content": drafted}, {"role": "user", "content": prompt}]

    return await best_of(
        question,
        turns(messages),
        judge=judge,
        shorter=None if shorter is None else lambda: turns(shorter()),
        tries=tries,
    )


class _Tries(Generic[M]):
    """The replies to one question, and the best one so far."""

    def __init__(self, schema: type[M], judge: Judge[M]) -> None:
        self.calls = 0
        self.best: Taken[M] | None = None
        self._problem: Unusable | None = None
        self._schema, self._judge = schema, judge

    def problem_of(self, reply: Reply) -> Unusable | None:
        """The problem of a further reply, if any; raises Unusable if the first one declines."""
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
        """The best reply, with the usage and number of all; raises Unusable if none is usable."""
        if self.best is None:
            assert self._problem
            raise self._problem
        last = self._problem or self.best.reply
        return self.best._replace(reply=replace(self.best.reply, usage=last.usage), calls=self.calls)


async def _once_more(question: "Question[Any]", messages: Sequence[Message], problem: Unusable) -> Reply:
    """The next reply, with the usage of all so far; raises the last one's problem if the call fails."""
    repair = render("repair", error=problem.detail, schema=question.schema_text)
    said: list[Message] = (
        [{"role": "assistant", "content": problem.raw[:4000]}] if problem.raw.strip() else []
    )
    turns: list[Message] = [*messages, *said, {"role": "user", "content": repair}]
    return await in_place_of(problem, question.sent(turns, stated=True))


async def in_place_of(problem: Unusable, request: Awaitable[Reply]) -> Reply:
    """Another reply, with the usage of all so far; raises the problem of the first one if the call fails."""
    try:
        reply = await request
    except CallFailed as error:
        problem.usage += error.usage
        raise problem from error
    except (GenerationError, Stopped, BudgetSpent) as error:
        # The run ends here, and the cost of the first reply must be recorded.
        raise problem from error
    return replace(reply, usage=problem.usage + reply.usage)


def cut_off(problem: GenerationError) -> Exception | None:
    """What ended the run before another reply in place of an unusable one, if that is why there is none."""
    cause = problem.__cause__
    if not isinstance(problem, Unusable) or isinstance(cause, CallFailed):
        return None
    return cause if isinstance(cause, GenerationError | Stopped | BudgetSpent) else None


class Question(Generic[M]):
    """What the calls for one value share: model, schema, sampling and seed."""

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
        """The JSON schema as text for prompts."""
        return schema_text(self.schema, self._bounds)

    async def sent(self, messages: Sequence[Message], *, stated: bool = False) -> Reply:
        """The reply; if the endpoint refuses a format, which costs nothing, it is asked in the next one.

        `stated`: the last turn contains the schema already.
        """
        refused: FormatRefused | None = None
        for _ in range(FORMATS):
            turns = messages if stated else self._in_format(messages, self._model.format)
            try:
                return await self._model.chat(turns, self._sampling, self._document, self._seed)
            except FormatRefused as error:
                refused = error
        # Refused without any format: it is not about the format.
        raise CallFailed(Reason.bad_request, str(refused)) from refused

    def _in_format(self, messages: Sequence[Message], format: str) -> Sequence[Message]:
        """The messages, with the schema in the last turn if the endpoint does not enforce it."""
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
    fewest: int = FEWEST_LINES,
) -> tuple[str, Usage]:
    """A free text, the first turn of lists and syllabi, and its usage; raises GenerationError.

    A very small model often ends after a sentence: if its text has not `fewest` lines, it is asked again, and
    the longest text by lines is used.
    """
    text, usage = await _drafted(model, messages, sampling, seed, shorter)
    for again in range(1, model.tries if model.small else 1):
        if _lines(text) >= fewest:
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
