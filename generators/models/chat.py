"""Calls to language models over the OpenAI protocol: slots, retries and budgets."""

import logging
import random
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypedDict

import openai

from generators.errors import CallFailed
from generators.method import Sampling
from generators.models.adaptation import Adaptation, Format, Habits
from generators.models.budget import Budget
from generators.models.client import Client
from generators.models.limiter import Claim
from generators.models.prices import Price
from generators.models.progress import Progress
from generators.models.replies import completions, refusals
from generators.models.replies.bodies import decoded
from generators.models.replies.completions import Completion
from generators.models.replies.refusals import said
from generators.models.stop import Control
from generators.usage import Usage
from graph.reasons import Reason

# Waits double from the first one up to the longest. An endpoint that answers nobody is waited for as long
# as it has been silent.
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 4.0
LONGEST_SILENT_WAIT_S = 30.0
# An address where nothing ever answered is most likely a wrong one.
FIRST_PATIENCE_S = 15.0
FEWEST_TIMEOUTS = 3
SLOW_DOWN = (429, 503)
# Well-formed replies without content may cost money: one request gets this many and no more.
MOST_FAILED_REPLIES = 3
# A slow server gets more time at each try, up to this multiple of the read timeout.
MOST_PATIENT = 4
# Worst case: no tokenizer in use averages more than one token per three bytes of JSON.
BYTES_PER_TOKEN = 3
# Completion tokens that a budget assumes if the endpoint takes no limit.
UNLIMITED = 16_384

log = logging.getLogger("glan")


class Message(TypedDict):
    """A turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Reply:
    """A reply as it arrived: paid for and not yet parsed."""

    text: str
    finish_reason: str | None
    usage: Usage
    thinking: str = ""
    """The model's reasoning before its text; `usage` includes its tokens."""


@dataclass(frozen=True)
class ChatModel:
    """A model at an endpoint, for one step of one run."""

    client: Client
    name: str
    habits: Habits
    step: str = ""
    price: Price | None = None
    control: Control = field(default_factory=Control)
    budget: Budget = field(default_factory=lambda: Budget(None, Usage()))
    progress: Progress = field(default_factory=Progress)
    urgent: bool = False
    """Its calls go before others that wait for the same endpoint and model."""
    claim: Claim | None = None
    small: bool = False
    """A few hundred million parameters: its prompts ask for less at once, and it gets more tries."""

    @property
    def tries(self) -> int:
        """Maximum number of calls for one value if the first ones are imperfect."""
        return 3 if self.small else 2

    @contextmanager
    def claimed(self) -> Generator["ChatModel"]:
        """The model for calls whose replies are stored before the block ends.

        At any moment, at most as many paid replies are not yet stored as there may be calls in flight.
        """
        claim = Claim(self.habits.unstored)
        try:
            yield replace(self, claim=claim)
        finally:
            claim.done()

    @property
    def format(self) -> Format:
        """The best kind of structured output that the endpoint is not known to refuse."""
        return self.habits.format

    async def chat(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        schema: Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> Reply:
        """One reply, retried through refusals; raises GenerationError, Stopped, BudgetSpent."""
        return await _Call(self, messages, sampling, schema, seed).reply()

    def body(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        schema: Mapping[str, Any] | None,
        seed: int | None,
        room: int | None = None,
    ) -> dict[str, Any]:
        """The request body; `room`: completion tokens that the context leaves."""
        endpoint, habits = self.client.endpoint, self.habits
        limits = (sampling.max_tokens, endpoint.most_tokens, habits.most_tokens, room)
        body: dict[str, Any] = {
            "model": self.name,
            "messages": messages,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            habits.tokens_name: min(limit for limit in limits if limit),
            **endpoint.extra_body,
        }
        if seed is not None:
            body["seed"] = seed
        if schema is not None and self.format != "text":
            body["response_format"] = _response_format(self.format, schema)
        for name in habits.dropped:
            body.pop(name, None)
        return body

    def most(self, body: Mapping[str, Any]) -> Usage:
        """The highest possible usage of a call."""
        prompt = sum(len(message["content"].encode()) for message in body["messages"]) // BYTES_PER_TOKEN + 1
        completion = int(body.get(self.habits.tokens_name, UNLIMITED))
        return self.priced(prompt, completion)

    def used(self, reply: Completion, body: Mapping[str, Any]) -> Usage:
        """The usage of a reply; counts that the endpoint does not report are estimated from the texts."""
        prompt, completion = reply.prompt_tokens, reply.completion_tokens
        if not prompt or completion is None or (not completion and reply.text):
            if not self.habits.estimated:
                self.habits.estimated = True
                log.warning("%s", self.estimate_said)
            self.progress.notes.add(self.estimate_said)
            prompt = prompt or self.most(body).prompt_tokens
            completion = completion or _estimated(reply.text) + _estimated(reply.thinking)
        return self.priced(prompt, completion)

    @property
    def estimate_said(self) -> str:
        """The warning that token counts are estimates."""
        return (
            f"{self.client.endpoint.name} does not say how many tokens {self.name} uses: "
            "tokens and costs are estimated from the length of the texts"
        )

    def priced(self, prompt_tokens: int, completion_tokens: int) -> Usage:
        """The usage of one call, with its cost if the price is known."""
        usd = None if self.price is None else self.price.usd(prompt_tokens, completion_tokens)
        return Usage(1, prompt_tokens, completion_tokens, usd)


def _response_format(format: Format, schema: Mapping[str, Any]) -> dict[str, Any]:
    if format == "json":
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}


class _Call:
    """One request and its retries."""

    def __init__(
        self,
        model: ChatModel,
        messages: Sequence[Message],
        sampling: Sampling,
        schema: Mapping[str, Any] | None,
        seed: int | None,
    ) -> None:
        self._model = model
        self._limiter = model.habits.limiter
        self._ask = (messages, sampling, schema, seed)
        self._adaptation = Adaptation(
            model.habits, model.client.endpoint, model.name, structured=schema is not None
        )
        self._body: dict[str, Any] = {}
        self._began = self._sent_at = time.monotonic()
        self._tries = 0
        self._timeouts = 0
        self._failed_replies = 0
        self._successes = self._limiter.successes
        self._paid = Usage()

    async def reply(self) -> Reply:
        """Retries until there is a reply; frees the slot between two tries."""
        control, claim = self._model.control, self._model.claim
        while True:
            # A retry has already waited for the endpoint, and does not queue behind everything else again.
            urgent = self._model.urgent or self._tries > 0
            if claim:
                await claim.take(urgent=urgent)
            await self._turn(urgent)
            try:
                return await self._sent()
            except openai.APIError as error:
                wait = self._pause_s(error)
            finally:
                self._limiter.release()
            if claim:
                claim.waits()
            await control.sleep(wait)

    async def _turn(self, urgent: bool) -> None:
        """Waits for a slot, and for the end of a wait that the endpoint has asked of everybody."""
        while True:
            await self._limiter.acquire(urgent=urgent)
            blocked = self._limiter.blocked_s()
            if not blocked:
                return
            self._limiter.release()
            await self._model.control.sleep(blocked * random.uniform(1.0, 1.05))

    async def _sent(self) -> Reply:
        model = self._model
        self._adaptation.require_format()
        self._body = body = model.body(*self._ask, self._adaptation.room)
        most = model.most(body)
        await model.budget.reserve(most)
        used = Usage()
        try:
            await model.control.may_pay()
            content = await self._posted(body)
            found = self._read(content)
            used = model.used(found, body)
            if model.claim:
                model.claim.paid()
        finally:
            await model.budget.settle(most, used)
        took_s = time.monotonic() - self._sent_at
        model.progress.step(model.step).add(used, took_s)
        self._paid += used
        if found.finish_reason == "error":
            told = b'{"error": {"message": "the reply ends with an error of the server"}}'
            raise model.client.error(refusals.NOTHING_SAID, told, nothing_said=True)
        self._limiter.succeeded(model.step, took_s)
        self._adaptation.succeeded()
        return Reply(found.text, found.finish_reason, self._paid, found.thinking)

    async def _posted(self, body: dict[str, Any]) -> bytes:
        model = self._model
        self._sent_at = time.monotonic()
        model.progress.in_flight += 1
        patience = min(2**self._timeouts, MOST_PATIENT)
        try:
            with model.control.leaving():
                read_s = model.client.timeouts.read * patience if self._timeouts else None
                return await model.client.post(body, read_s=read_s)
        finally:
            model.progress.in_flight -= 1

    def _read(self, content: bytes) -> Completion:
        """The content of a reply, malformed if it is not a chat completion; raises openai.APIError."""
        try:
            return completions.read(content, structured=self._ask[2] is not None)
        except completions.ErrorInBody as error:
            raise self._model.client.error(error.status, error.content) from None
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
            return Completion(decoded(content), "malformed")

    def _pause_s(self, error: openai.APIError) -> float:
        """Seconds until the next try; raises GenerationError if another one would not help."""
        self._model.progress.last_error = said(self._model.client.endpoint.name, error)
        if not refusals.retryable(error) or self._adaptation.is_about_format(error):
            try:
                return self._adaptation.adapt(error, self._body)
            except CallFailed as failed:
                failed.usage += self._paid
                raise
        asked = refusals.asked_wait(error)
        self._count(error, asked)
        self._give_up(error)
        self._tries += 1
        if asked is not None:
            # Never early, and not all calls at once.
            return asked + random.uniform(0.0, min(0.25, 0.05 * asked + 0.01))
        longest = min(max(LONGEST_WAIT_S, self._limiter.silent_s()), LONGEST_SILENT_WAIT_S)
        return min(longest, FIRST_WAIT_S * 2 ** min(self._tries - 1, 10)) * random.uniform(0.5, 1.0)

    def _count(self, error: openai.APIError, asked: float | None) -> None:
        progress, status = self._model.progress, refusals.status_of(error)
        if status in SLOW_DOWN or status == 413:
            progress.refusals += status == 429
            progress.server_errors += status != 429
            self._limiter.refused(self._sent_at, asked)
        else:
            self._limiter.failed()
            late = refusals.timed_out(error)
            self._timeouts += late
            progress.timeouts += late
            progress.server_errors += not late

    def _give_up(self, error: openai.APIError) -> None:
        """Raises EndpointUnavailable if the endpoint is silent, CallFailed if only this call fails."""
        status = refusals.status_of(error)
        limiter, patience = self._limiter, self._model.client.timeouts.patience
        silent = limiter.silent_s()
        page = refusals.is_page_error(error)
        unheard = not limiter.successes and (page or (status is None and not refusals.timed_out(error)))
        if silent > (min(patience, FIRST_PATIENCE_S) if unheard else patience):
            raise refusals.translation(self._model.client.endpoint.name, error, silent) from error
        if self._is_spent(error):
            raise self._failed(Reason.server_error, error)
        others = limiter.successes > self._successes
        if status == 429 or not others or time.monotonic() - self._began <= patience:
            return
        if refusals.timed_out(error) and self._timeouts < FEWEST_TIMEOUTS:
            return
        raise self._failed(Reason.timeout if refusals.timed_out(error) else Reason.server_error, error)

    def _is_spent(self, error: openai.APIError) -> bool:
        """Whether only this request gets replies without content."""
        if not isinstance(error, refusals.NothingSaid):
            return False
        self._failed_replies += 1
        others = self._limiter.successes - self._successes
        return self._failed_replies >= MOST_FAILED_REPLIES and others > 0

    def _failed(self, reason: Reason, error: openai.APIError) -> CallFailed:
        failed = CallFailed(reason, said(self._model.client.endpoint.name, error))
        failed.usage = self._paid
        return failed


def _estimated(text: str) -> int:
    return len(text.encode()) // BYTES_PER_TOKEN + 1 if text else 0
