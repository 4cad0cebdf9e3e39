"""Calls to language models over the OpenAI protocol: slots, tries, formats, budgets."""

import random
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypedDict

import openai
import pydantic_core

from generators.errors import CallFailed, FormatRefused
from generators.method import Sampling
from generators.models.budget import Budget
from generators.models.client import Client
from generators.models.limiter import Claim, Limiter, Slots
from generators.models.prices import Price
from generators.models.progress import Progress
from generators.models.refusals import (
    asked_wait,
    complaint,
    names_format,
    names_parameter,
    retryable,
    said,
    timed_out,
    translation,
)
from generators.models.stop import Control
from generators.usage import Usage
from graph.reasons import Reason

# Waits double from the first on, up to the longest: of an endpoint that answers others well, and of one that
# has answered nobody, for as long as it has been silent.
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 4.0
LONGEST_SILENT_WAIT_S = 30.0
# An address where nothing ever answered is most likely a wrong one.
FIRST_PATIENCE_S = 15.0
FEWEST_TIMEOUTS = 3
SLOW_DOWN = (429, 503)
# Worst case of a prompt's tokens: no tokenizer in use makes more than one of three bytes of JSON on average.
BYTES_PER_TOKEN = 3

Format = Literal["schema", "json", "text"]
LOWER: dict[Format, Format] = {"schema": "json", "json": "text"}


class Message(TypedDict):
    """A turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Reply:
    """A reply as it came, paid for and not yet parsed."""

    text: str
    finish_reason: str | None
    usage: Usage


@dataclass
class Habits:
    """What is known of a model at an endpoint: how many calls it bears and which parameters it takes.

    Found out once and remembered for as long as the process lives.
    """

    limiter: Limiter
    unstored: Slots
    format: Format = "schema"
    tokens_name: str = "max_tokens"
    dropped: set[str] = field(default_factory=set[str])


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
    """Goes before others that wait for the same endpoint and model."""
    claim: Claim | None = None

    @contextmanager
    def claimed(self) -> Generator["ChatModel"]:
        """The model for calls whose replies are stored within the block.

        No more replies than there may be calls in flight are paid for and not stored at any moment.
        """
        claim = Claim(self.habits.unstored)
        try:
            yield replace(self, claim=claim)
        finally:
            claim.done()

    @property
    def format(self) -> Format:
        """The best way of structured output that is known to work, or not yet known not to."""
        return self.habits.format

    async def chat(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        schema: Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> Reply:
        """One reply, tried again through refusals; raises GenerationError, Stopped, BudgetSpent."""
        return await _Call(self, messages, sampling, schema, seed).reply()

    def body(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        schema: Mapping[str, Any] | None,
        seed: int | None,
    ) -> dict[str, Any]:
        """The request as it is sent."""
        endpoint = self.client.endpoint
        body: dict[str, Any] = {
            "model": self.name,
            "messages": messages,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            self.habits.tokens_name: min(sampling.max_tokens, endpoint.most_tokens or sampling.max_tokens),
            **endpoint.extra_body,
        }
        if seed is not None:
            body["seed"] = seed
        if schema is not None and self.format != "text":
            body["response_format"] = _response_format(self.format, schema)
        for name in self.habits.dropped:
            body.pop(name, None)
        return body

    def most(self, body: Mapping[str, Any]) -> Usage:
        """The worst case of a call."""
        prompt = sum(len(message["content"].encode()) for message in body["messages"]) // BYTES_PER_TOKEN + 1
        completion = int(body.get(self.habits.tokens_name, 0))
        return self.priced(prompt, completion)

    def priced(self, prompt_tokens: int, completion_tokens: int) -> Usage:
        """The usage of one call, with its cost where the price is known."""
        usd = None if self.price is None else self.price.usd(prompt_tokens, completion_tokens)
        return Usage(1, prompt_tokens, completion_tokens, usd)


def _response_format(format: Format, schema: Mapping[str, Any]) -> dict[str, Any]:
    if format == "json":
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}


class _Call:
    """One request and its tries."""

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
        # The messages were built for this format and for no other.
        self._format = model.format
        self._body: dict[str, Any] = {}
        self._began = self._sent_at = time.monotonic()
        self._tries = 0
        self._timeouts = 0

    async def reply(self) -> Reply:
        """Tries until there is a reply; between two tries the slot is somebody else's."""
        control, claim = self._model.control, self._model.claim
        while True:
            # Who has waited for the endpoint's time does not wait for everybody else's turn again.
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
        """Waits for a slot, and while the endpoint lets nobody in."""
        while True:
            await self._limiter.acquire(urgent=urgent)
            blocked = self._limiter.blocked_s()
            if not blocked:
                return
            self._limiter.release()
            await self._model.control.sleep(blocked * random.uniform(1.0, 1.05))

    async def _sent(self) -> Reply:
        model = self._model
        if self._ask[2] is not None and self._format != model.format:
            raise FormatRefused("another call has found out while this one waited")
        self._body = body = model.body(*self._ask)
        most = model.most(body)
        await model.budget.reserve(most)
        used = Usage()
        try:
            await model.control.may_pay()
            reply = await self._posted(body)
            used = reply.usage
            if model.claim:
                model.claim.paid()
        finally:
            await model.budget.settle(most, used)
        self._limiter.succeeded()
        model.progress.step(model.step).add(used, time.monotonic() - self._sent_at)
        return reply

    async def _posted(self, body: dict[str, Any]) -> Reply:
        model = self._model
        self._sent_at = time.monotonic()
        model.progress.in_flight += 1
        try:
            return _reply(await model.client.post(body), model)
        finally:
            model.progress.in_flight -= 1

    def _pause_s(self, error: openai.APIError) -> float:
        """Seconds until the next try; raises GenerationError where another one would not help."""
        model, progress = self._model, self._model.progress
        progress.last_error = said(model.client.endpoint.name, error)
        if not retryable(error):
            self._adapt(error)
            return 0.0
        asked = asked_wait(error)
        status = error.status_code if isinstance(error, openai.APIStatusError) else None
        if status in SLOW_DOWN:
            progress.refusals += status == 429
            progress.server_errors += status != 429
            self._limiter.refused(self._sent_at, asked)
        else:
            self._limiter.failed()
            late = timed_out(error)
            self._timeouts += late
            progress.timeouts += late
            progress.server_errors += not late
        self._give_up(error, status)
        self._tries += 1
        if asked is not None:
            # Never before its time, and not all at once.
            return asked + random.uniform(0.0, min(0.25, 0.05 * asked + 0.01))
        longest = min(max(LONGEST_WAIT_S, self._limiter.silent_s()), LONGEST_SILENT_WAIT_S)
        return min(longest, FIRST_WAIT_S * 2 ** min(self._tries - 1, 10)) * random.uniform(0.5, 1.0)

    def _give_up(self, error: openai.APIError, status: int | None) -> None:
        """Raises EndpointUnavailable when nothing comes back, CallFailed when only this call does not."""
        limiter, patience = self._limiter, self._model.client.timeouts.patience
        silent = limiter.silent_s()
        unheard = not limiter.successes and status is None and not timed_out(error)
        if silent > (min(patience, FIRST_PATIENCE_S) if unheard else patience):
            raise translation(self._model.client.endpoint.name, error, silent) from error
        if status == 429 or time.monotonic() - self._began <= patience:
            return
        if timed_out(error) and self._timeouts < FEWEST_TIMEOUTS:
            return
        reason = Reason.timeout if timed_out(error) else Reason.server_error
        raise CallFailed(reason, said(self._model.client.endpoint.name, error)) from error

    def _adapt(self, error: openai.APIError) -> None:
        """Learns what the model does not take; raises GenerationError where that is not it."""
        habits, told = self._model.habits, complaint(error)
        schema = self._ask[2]
        for parameter in ("temperature", "top_p", "seed"):
            # Of many calls that are refused at once each is sent again; the first one has learnt already.
            if parameter in told and parameter in self._body and names_parameter(error, parameter):
                habits.dropped.add(parameter)
                return
        if "max_completion_tokens" in told and "max_tokens" in self._body:
            habits.tokens_name = "max_completion_tokens"
            return
        if schema is not None and self._format in LOWER and names_format(told):
            if habits.format == self._format:
                habits.format = LOWER[habits.format]
            raise FormatRefused(said(self._model.client.endpoint.name, error)) from error
        raise translation(self._model.client.endpoint.name, error) from error


def _reply(content: bytes, model: ChatModel) -> Reply:
    """What is in a reply; one that is no chat completion at all has an empty text."""
    try:
        document: Any = pydantic_core.from_json(content)
        usage: Any = document.get("usage") or {}
        used = model.priced(int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0))
        choice = document["choices"][0]
        message = choice["message"]
        if message.get("refusal"):
            return Reply(str(message["refusal"]), "refusal", used)
        return Reply(message.get("content") or "", choice.get("finish_reason"), used)
    except (ValueError, LookupError, TypeError, AttributeError):
        return Reply(content.decode(errors="replace"), "malformed", model.priced(0, 0))
