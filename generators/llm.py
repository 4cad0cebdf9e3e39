"""Calls to language models over the OpenAI protocol, and the one place that knows that client's errors."""

import random
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypedDict

import httpx
import openai
import pydantic_core
from openai import AsyncOpenAI, DefaultAioHttpClient

from generators.budget import Budget
from generators.control import Control
from generators.errors import (
    CallFailed,
    EndpointRefuses,
    EndpointUnavailable,
    FormatRefused,
    GenerationError,
    NoEndpoint,
    TooLong,
)
from generators.limiter import Claim, Limiter, Slots
from generators.prices import Price
from generators.progress import Progress
from generators.retry_after import wait_s
from generators.usage import Usage
from graph.reasons import Reason

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
# An address where nothing ever answered is most likely a wrong one.
FIRST_PATIENCE_S = 15.0
FEWEST_TIMEOUTS = 3
# Errors that may pass. 409 and 425 are what some gateways answer while a model is loaded.
RETRYABLE = (408, 409, 425, 429)
SLOW_DOWN = (429, 503)
FATAL = (401, 402, 403, 404)
# Worst case of a prompt's tokens: no tokenizer in use makes more than one of three bytes of JSON on average.
BYTES_PER_TOKEN = 3

Format = Literal["schema", "json", "text"]
LOWER: dict[Format, Format] = {"schema": "json", "json": "text"}
JSON_HEADERS = {"headers": {"Content-Type": "application/json"}}


class Message(TypedDict):
    """A turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible server; `base_url` None is OpenAI itself."""

    base_url: str | None
    api_key: str
    extra_body: Mapping[str, Any] = field(default_factory=dict[str, Any], hash=False)
    most_tokens: int | None = None
    """Most completion tokens it is asked for, whatever a step would like."""

    @property
    def name(self) -> str:
        """For people."""
        return self.base_url or "OpenAI"


@dataclass(frozen=True)
class Sampling:
    """Sampling parameters of one step."""

    temperature: float
    top_p: float
    max_tokens: int


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
class Timeouts:
    """Seconds. `read`: without a byte of the reply; `patience`: without any good reply at all."""

    connect: float = 10.0
    read: float = 300.0
    patience: float = 300.0


class Client:
    """One pooled client per endpoint."""

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts) -> None:
        self.endpoint = endpoint
        self.timeouts = timeouts
        # Retries are ours, because ours know the ledger; so is the queue: nobody waits for a connection.
        self._client = AsyncOpenAI(
            api_key=endpoint.api_key,
            base_url=endpoint.base_url,
            max_retries=0,
            timeout=openai.Timeout(timeouts.read, connect=timeouts.connect, pool=None),
            http_client=DefaultAioHttpClient(limits=_no_limits()),
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def model_names(self) -> list[str]:
        """What the endpoint serves; raises GenerationError."""
        try:
            return [model.id async for model in self._client.models.list()]
        except openai.APIError as error:
            raise _translation(self.endpoint, error) from error

    async def post(self, body: Mapping[str, Any]) -> bytes:
        """The raw reply to a chat request; raises openai.APIError.

        Passes by the client's typed transform of request and reply, which takes half of the time of a call
        (docs/benchmarks.md); connections, authorization, errors and the rest stay the client's.
        """
        response: httpx.Response = await self._client.post(
            "/chat/completions",
            cast_to=httpx.Response,
            content=pydantic_core.to_json(body),
            options=JSON_HEADERS,  # pyright: ignore[reportArgumentType]
        )
        return response.content


def _no_limits() -> Any:
    limits: Any = type(openai.DEFAULT_CONNECTION_LIMITS)
    return limits(max_connections=None, max_keepalive_connections=None)


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
        claim = Claim(self.habits.unstored, urgent=self.urgent)
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
        self._began = time.monotonic()
        self._tries = 0
        self._timeouts = 0

    async def reply(self) -> Reply:
        """Tries until there is a reply; between two tries the slot is somebody else's."""
        control, claim = self._model.control, self._model.claim
        while True:
            if claim:
                await claim.take()
            await self._turn()
            sent_at = time.monotonic()
            try:
                control.check()
                return await self._sent(sent_at)
            except openai.APIError as error:
                wait = self._pause_s(error, sent_at)
            finally:
                self._limiter.release()
            if claim:
                claim.waits()
            await control.sleep(wait)

    async def _turn(self) -> None:
        """Waits for a slot, and while the endpoint lets nobody in."""
        while True:
            await self._limiter.acquire(urgent=self._model.urgent)
            blocked = self._limiter.blocked_s()
            if not blocked:
                return
            self._limiter.release()
            await self._model.control.sleep(blocked * random.uniform(1.0, 1.05))

    async def _sent(self, sent_at: float) -> Reply:
        model = self._model
        if self._ask[2] is not None and self._format != model.format:
            raise FormatRefused("another call has found out while this one waited")
        self._body = body = model.body(*self._ask)
        most = model.most(body)
        await model.budget.reserve(most)
        used = Usage()
        model.progress.in_flight += 1
        try:
            reply = _reply(await model.client.post(body), model)
            used = reply.usage
            if model.claim:
                model.claim.paid()
        finally:
            model.progress.in_flight -= 1
            await model.budget.settle(most, used)
        self._limiter.succeeded()
        model.progress.step(model.step).add(used, time.monotonic() - sent_at)
        return reply

    def _pause_s(self, error: openai.APIError, sent_at: float) -> float:
        """Seconds until the next try; raises GenerationError where another one would not help."""
        model, progress = self._model, self._model.progress
        progress.last_error = _said(model.client.endpoint, error)
        if not _retryable(error):
            self._adapt(error)
            return 0.0
        asked = _asked_wait(error)
        status = error.status_code if isinstance(error, openai.APIStatusError) else None
        if status in SLOW_DOWN:
            progress.refusals += status == 429
            progress.server_errors += status != 429
            self._limiter.refused(sent_at, asked)
        else:
            self._limiter.failed()
            timed_out = _timed_out(error)
            self._timeouts += timed_out
            progress.timeouts += timed_out
            progress.server_errors += not timed_out
        self._give_up(error, status)
        self._tries += 1
        if asked is not None:
            # Never before its time, and not all at once.
            return asked + random.uniform(0.0, min(0.25, 0.05 * asked + 0.01))
        return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(self._tries - 1, 10)) * random.uniform(0.5, 1.0)

    def _give_up(self, error: openai.APIError, status: int | None) -> None:
        """Raises EndpointUnavailable when nothing comes back, CallFailed when only this call does not."""
        limiter, patience = self._limiter, self._model.client.timeouts.patience
        silent = limiter.silent_s()
        unheard = not limiter.successes and status is None and not _timed_out(error)
        if silent > (min(patience, FIRST_PATIENCE_S) if unheard else patience):
            raise _translation(self._model.client.endpoint, error, silent) from error
        if status == 429 or time.monotonic() - self._began <= patience:
            return
        if _timed_out(error) and self._timeouts < FEWEST_TIMEOUTS:
            return
        reason = Reason.timeout if _timed_out(error) else Reason.server_error
        raise CallFailed(reason, _said(self._model.client.endpoint, error)) from error

    def _adapt(self, error: openai.APIError) -> None:
        """Learns what the model does not take; raises GenerationError where that is not it."""
        habits, said = self._model.habits, _complaint(error)
        schema = self._ask[2]
        for parameter in ("temperature", "top_p", "seed"):
            # Of many calls that are refused at once each is sent again; the first one has learnt already.
            if parameter in said and parameter in self._body and _names_parameter(error, parameter):
                habits.dropped.add(parameter)
                return
        if "max_completion_tokens" in said and "max_tokens" in self._body:
            habits.tokens_name = "max_completion_tokens"
            return
        if schema is not None and self._format in LOWER and _names_format(said):
            if habits.format == self._format:
                habits.format = LOWER[habits.format]
            raise FormatRefused(_said(self._model.client.endpoint, error)) from error
        raise _translation(self._model.client.endpoint, error) from error


async def only_model(client: Client) -> str:
    """The name of the one model an endpoint serves; raises NoEndpoint where there are several."""
    names = await client.model_names()
    if len(names) == 1:
        return names[0]
    some = ", ".join(names[:8])
    raise NoEndpoint(f"name a model with --model or GLAN_MODEL; the endpoint serves {len(names)}: {some}")


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


def _retryable(error: openai.APIError) -> bool:
    if isinstance(error, openai.APIStatusError):
        if error.code == "insufficient_quota":
            return False
        return error.status_code in RETRYABLE or (error.status_code >= 500 and error.status_code != 501)
    return isinstance(error, openai.APIConnectionError)


def _timed_out(error: openai.APIError) -> bool:
    """Whether we waited in vain: the client calls a refused connection a time-out too, its cause knows."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code in (408, 504)
    return (
        isinstance(error, openai.APITimeoutError) and "connect" not in type(error.__cause__).__name__.lower()
    )


def _asked_wait(error: openai.APIError) -> float | None:
    """Seconds the endpoint asks us to wait."""
    if not isinstance(error, openai.APIStatusError):
        return None
    return wait_s({name.lower(): value for name, value in error.response.headers.items()})


def _complaint(error: openai.APIError) -> str:
    """What a refused request was refused for, in lower case; empty where it is no such refusal."""
    if not isinstance(error, openai.APIStatusError) or error.status_code not in (400, 422, 501):
        return ""
    return f"{error.param or ''} {error.code or ''} {error.message}".lower()


def _names_parameter(error: openai.APIError, parameter: str) -> bool:
    said = _complaint(error)
    return error.param == parameter or any(word in said for word in ("unsupported", "not support", "unknown"))


def _names_format(said: str) -> bool:
    return any(
        word in said for word in ("response_format", "json_schema", "json_object", "grammar", "schema")
    )


def _is_too_long(error: openai.APIError) -> bool:
    said = _complaint(error)
    return "context_length" in said or (
        any(word in said for word in ("context", "too long", "token"))
        and any(word in said for word in ("exceed", "maximum", "too long", "too many", "larger"))
    )


def _said(endpoint: Endpoint, error: openai.APIError) -> str:
    if isinstance(error, openai.APIStatusError):
        return f"{endpoint.name} answers {error.status_code}: {error.message}"
    return f"no answer from {endpoint.name}: {error.__cause__ or error.message}"


def _translation(endpoint: Endpoint, error: openai.APIError, silent_s: float = 0.0) -> GenerationError:
    said = _said(endpoint, error)
    if not isinstance(error, openai.APIStatusError):
        return EndpointUnavailable(f"{said}; is it running, is the address right?")
    if error.status_code in FATAL or error.code == "insufficient_quota":
        return EndpointRefuses(f"{said}; check key, model name and quota")
    if _retryable(error):
        return EndpointUnavailable(
            f"{said}; nothing has come back well for {silent_s:.0f} s: resume the job when it is well again"
        )
    if _is_too_long(error):
        return TooLong(said)
    return CallFailed(Reason.bad_request, said)
