"""Calls to language models over the OpenAI protocol: slots, tries, formats, budgets."""

import logging
import random
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypedDict

import openai

from generators.errors import CallFailed, FormatRefused
from generators.method import Sampling
from generators.models import complaints, completions, refusals
from generators.models.bodies import decoded
from generators.models.budget import Budget
from generators.models.client import Client
from generators.models.completions import Completion
from generators.models.limiter import Claim, Limiter, Slots
from generators.models.prices import Price
from generators.models.progress import Progress
from generators.models.refusals import said
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
# Replies that were sent well and say nothing may be paid for: one request is not asked for more of them.
MOST_FAILED_REPLIES = 3
# A server that is slow and not silent gets more time at each try, up to so many times as much.
MOST_PATIENT = 4
# A 403 without a word on key or prompt: asked again until others show whether it is the key.
DOUBTFUL_WAIT_S = 0.3
MOST_DOUBTFUL = 3
# Worst case of a prompt's tokens: no tokenizer in use makes more than one of three bytes of JSON on average.
BYTES_PER_TOKEN = 3

# Statuses of a request that is refused for what is in it.
REFUSED = (400, 413, 422, 501)
# A budget counts with so many tokens where the endpoint takes no limit.
UNLIMITED = 16_384

log = logging.getLogger("glan")

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
    thinking: str = ""
    """What the model thought before its text; its tokens are among those of `usage`."""


@dataclass
class Habits:
    """What is known of a model at an endpoint: how many calls it bears and which parameters it takes.

    Found out once and remembered for as long as the process lives.
    """

    limiter: Limiter
    unstored: Slots
    format: Format = "schema"
    format_works: bool = False
    """Whether a reply has come in this format."""
    guessed: bool = False
    """Whether the format was lowered for a refusal that did not name it."""
    tokens_name: str = "max_tokens"
    most_tokens: int | None = None
    """Most completion tokens that the model gives, where it has said so."""
    dropped: set[str] = field(default_factory=set[str])
    estimated: bool = False
    """Whether the endpoint does not say what replies use."""


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
    small: bool = False
    """Of some hundred million parameters: it is asked for less at once, and more often."""

    @property
    def tries(self) -> int:
        """Calls for one value, where the first ones leave something to be desired."""
        return 3 if self.small else 2

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
        room: int | None = None,
    ) -> dict[str, Any]:
        """The request as it is sent; `room`: what the context leaves for the reply."""
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
        """The worst case of a call."""
        prompt = sum(len(message["content"].encode()) for message in body["messages"]) // BYTES_PER_TOKEN + 1
        completion = int(body.get(self.habits.tokens_name, UNLIMITED))
        return self.priced(prompt, completion)

    def used(self, reply: Completion, body: Mapping[str, Any]) -> Usage:
        """The usage of a reply; what the endpoint does not name is estimated from the length of the texts."""
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
        """That numbers of tokens are not the endpoint's."""
        return (
            f"{self.client.endpoint.name} does not say how many tokens {self.name} uses: "
            "tokens and costs are estimated from the length of the texts"
        )

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
        self._format: Format = model.format
        self._body: dict[str, Any] = {}
        self._room: int | None = None
        self._began = self._sent_at = time.monotonic()
        self._tries = 0
        self._timeouts = 0
        self._failed_replies = 0
        self._doubtful = 0
        self._doubted_at = 0.0
        self._successes = self._limiter.successes
        self._paid = Usage()

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
        self._body = body = model.body(*self._ask, self._room)
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
        self._succeeded(took_s)
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
        """What is in a reply; one that is no chat completion is malformed. Raises openai.APIError."""
        try:
            return completions.read(content, structured=self._ask[2] is not None)
        except completions.ErrorInBody as error:
            raise self._model.client.error(error.status, error.content) from None
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
            return Completion(decoded(content), "malformed")

    def _pause_s(self, error: openai.APIError) -> float:
        """Seconds until the next try; raises GenerationError where another one would not help."""
        model, progress = self._model, self._model.progress
        progress.last_error = said(model.client.endpoint.name, error)
        if not refusals.retryable(error) or self._is_about_format(error):
            try:
                return self._adapted(error)
            except CallFailed as failed:
                failed.usage += self._paid
                raise
        asked = refusals.asked_wait(error)
        status = refusals.status_of(error)
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
        """Whether this request alone gets replies that say nothing, while others are answered well."""
        if not isinstance(error, refusals.NothingSaid):
            return False
        self._failed_replies += 1
        others = self._limiter.successes - self._successes
        return self._failed_replies >= MOST_FAILED_REPLIES and others > 0

    def _failed(self, reason: Reason, error: openai.APIError) -> CallFailed:
        failed = CallFailed(reason, said(self._model.client.endpoint.name, error))
        failed.usage = self._paid
        return failed

    # What an endpoint does not take

    def _adapted(self, error: openai.APIError) -> float:
        """Seconds until the next try, with what was learnt; raises GenerationError where that is not it."""
        told, status = refusals.complaint(error), refusals.status_of(error)
        if refusals.is_filtered(error):
            raise self._failed(Reason.refused, error)
        if refusals.is_key(error):
            raise self._translated(error)
        if refusals.is_doubtful(error):
            return self._doubted(error)
        if status in REFUSED and (self._shortened(told) or self._left_out(error, told)):
            return 0.0
        if self._is_about_format(error):
            self._lower_format(error)
        if self._has_suspect(told, status):
            return 0.0
        if status in REFUSED and self._may_be_format(error):
            self._model.habits.guessed = True
            self._lower_format(error)
        raise self._translated(error)

    def _translated(self, error: openai.APIError) -> Exception:
        return refusals.translation(self._model.client.endpoint.name, error)

    def _doubted(self, error: openai.APIError) -> float:
        """A 403 without reasons: of this prompt where later calls were answered well, else of the key."""
        limiter = self._limiter
        if self._doubtful and limiter.answered_sent_at > self._doubted_at:
            raise self._failed(Reason.refused, error)
        if not self._doubtful:
            self._doubted_at = time.monotonic()
        self._doubtful += 1
        if not limiter.successes or self._doubtful > MOST_DOUBTFUL:
            raise self._translated(error)
        return DOUBTFUL_WAIT_S * self._doubtful

    def _shortened(self, told: str) -> bool:
        """Whether the reply may be shorter from now on: as the model allows, or as the context does here."""
        habits = self._model.habits
        asked = self._body.get(habits.tokens_name)
        if asked is None:
            return False
        if complaints.names_room(told):
            self._room = complaints.room(told, asked)
            return self._room is not None
        if complaints.renamed(told) and "max_tokens" in self._body:
            habits.tokens_name = "max_completion_tokens"
            return True
        most = complaints.cap(told, asked)
        if most is not None:
            habits.most_tokens = min(most, habits.most_tokens or most)
            self._note(f"replies of at most {habits.most_tokens} tokens")
            return True
        return False

    def _left_out(self, error: openai.APIError, told: str) -> bool:
        """Whether a parameter is left out from now on."""
        own = [*self._model.client.endpoint.extra_body]
        if not refusals.is_too_long(error):
            own.append(self._model.habits.tokens_name)
        name = complaints.blamed(told, getattr(error, "param", None), self._body, own)
        return name is not None and self._dropped(name)

    def _dropped(self, name: str) -> bool:
        # Of many calls that are refused at once each is sent again; the first one has learnt already.
        self._model.habits.dropped.add(name)
        self._note(f"no {name}")
        return True

    def _has_suspect(self, told: str, status: int | None) -> bool:
        """Whether a parameter is left out that may be the one meant."""
        if status == 404 and not complaints.names_format(told, strictly=True):
            return False
        name = complaints.suspected(told, self._body, certain=status == 404)
        return status in (*REFUSED, 404) and name is not None and self._dropped(name)

    def _is_about_format(self, error: openai.APIError) -> bool:
        asked = self._ask[2] is not None and self._format in LOWER
        return asked and refusals.refuses_format(error) and not refusals.is_key(error)

    def _may_be_format(self, error: openai.APIError) -> bool:
        """Whether nothing says that it is the format, and nobody has had a reply in it yet."""
        habits = self._model.habits
        if self._ask[2] is None or habits.format_works or refusals.is_too_long(error):
            return False
        if self._format in LOWER:
            return True
        if habits.guessed:
            # Without any format it is refused as well: it is the request itself.
            habits.format, habits.guessed = "schema", False
        return False

    def _lower_format(self, error: openai.APIError) -> None:
        """Raises FormatRefused, for the messages are to be others."""
        habits = self._model.habits
        if habits.format == self._format:
            habits.format = LOWER[habits.format]
            self._note(f"structured output as {habits.format}")
        raise FormatRefused(said(self._model.client.endpoint.name, error)) from error

    def _note(self, learnt: str) -> None:
        log.info("%s, %s: %s from now on", self._model.client.endpoint.name, self._model.name, learnt)

    def _succeeded(self, took_s: float) -> None:
        habits = self._model.habits
        self._limiter.succeeded(self._model.step, took_s)
        if self._ask[2] is not None and not habits.format_works:
            habits.format_works = True
            if habits.guessed:
                # What was guessed from a refusal of another prompt was wrong, or is certain now.
                habits.format, habits.guessed = self._format, False


def _estimated(text: str) -> int:
    return len(text.encode()) // BYTES_PER_TOKEN + 1 if text else 0
