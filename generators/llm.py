"""Calls to language models over the OpenAI protocol, and the one place that knows that client's errors."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

import openai
from openai import AsyncOpenAI, DefaultAioHttpClient
from openai.types.chat import ChatCompletion

from generators.errors import BadRequest, EndpointRefuses, EndpointUnavailable, NoEndpoint
from generators.usage import Usage

# A retryable error is tried again for about a minute before the job pauses.
TRIES = 8
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 20.0
RETRYABLE = (408, 409, 425, 429)
FATAL = (401, 402, 403, 404)


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


class Client:
    """One pooled client per endpoint; its limiter bounds the calls in flight."""

    def __init__(self, endpoint: Endpoint, concurrency: int, timeout_s: float) -> None:
        self.endpoint = endpoint
        self._limiter = asyncio.Semaphore(concurrency)
        # Retries are ours, because ours know the ledger.
        self._client = AsyncOpenAI(
            api_key=endpoint.api_key,
            base_url=endpoint.base_url,
            max_retries=0,
            timeout=timeout_s,
            http_client=DefaultAioHttpClient(),
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def model_names(self) -> list[str]:
        """What the endpoint serves; raises GenerationError."""
        try:
            return [model.id async for model in self._client.models.list()]
        except openai.APIError as error:
            raise _translation(self, error) from error

    async def chat(
        self,
        model: str,
        messages: Sequence[Message],
        sampling: Sampling,
        schema: Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> Reply:
        """One reply, tried again through 429s and failures; raises GenerationError."""
        request = self._request(model, messages, sampling, schema, seed)
        for n in range(TRIES):
            try:
                async with self._limiter:
                    # The keyword arguments are a dict, so the checker cannot tell which overload it is.
                    create: Any = self._client.chat.completions.create
                    completion: ChatCompletion = await create(**request)
                return _reply(completion)
            except openai.APIError as error:
                if not _retryable(error) or n == TRIES - 1:
                    raise _translation(self, error) from error
                wait = _wait_s(error, n)
            # Outside the limiter: a waiting request gives its slot away.
            await asyncio.sleep(wait)
        raise AssertionError("unreachable")

    def _request(
        self,
        model: str,
        messages: Sequence[Message],
        sampling: Sampling,
        schema: Mapping[str, Any] | None,
        seed: int | None,
    ) -> dict[str, Any]:
        most = self.endpoint.most_tokens or sampling.max_tokens
        request: dict[str, Any] = {
            "model": model,
            "messages": list(messages),
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": min(sampling.max_tokens, most),
            "extra_body": dict(self.endpoint.extra_body),
        }
        if schema is not None:
            request["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "reply", "strict": True, "schema": schema},
            }
        if seed is not None:
            request["seed"] = seed
        return request


@dataclass(frozen=True)
class ChatModel:
    """A model at an endpoint."""

    client: Client
    name: str

    async def chat(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        schema: Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> Reply:
        """As Client.chat."""
        return await self.client.chat(self.name, messages, sampling, schema, seed)


async def only_model(client: Client) -> str:
    """The name of the one model an endpoint serves; raises NoEndpoint where there are several."""
    names = await client.model_names()
    if len(names) == 1:
        return names[0]
    some = ", ".join(names[:8])
    raise NoEndpoint(f"name a model with --model or GLAN_MODEL; the endpoint serves {len(names)}: {some}")


def _reply(completion: ChatCompletion) -> Reply:
    usage = completion.usage
    spent = Usage(1, usage.prompt_tokens, usage.completion_tokens) if usage else Usage(1)
    if not completion.choices:
        return Reply("", "empty", spent)
    choice = completion.choices[0]
    if choice.message.refusal:
        return Reply(choice.message.refusal, "refusal", spent)
    return Reply(choice.message.content or "", choice.finish_reason, spent)


def _retryable(error: openai.APIError) -> bool:
    if isinstance(error, openai.APIStatusError):
        if error.code == "insufficient_quota":
            return False
        return error.status_code in RETRYABLE or error.status_code >= 500
    return isinstance(error, openai.APIConnectionError)


def _wait_s(error: openai.APIError, n: int) -> float:
    """Seconds to wait before try n + 2: what the server asks for, else doubling with jitter."""
    backoff = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**n) * random.uniform(0.75, 1.25)
    if not isinstance(error, openai.APIStatusError):
        return backoff
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "")))
    except ValueError:
        return backoff


def _translation(
    client: Client, error: openai.APIError
) -> EndpointUnavailable | EndpointRefuses | BadRequest:
    where = client.endpoint.base_url or "OpenAI"
    if not isinstance(error, openai.APIStatusError):
        # The client calls every failed connection a time-out; its cause knows better.
        what = error.__cause__ or error.message
        return EndpointUnavailable(f"no answer from {where}: {what}; is it running, is the address right?")

    what = f"{where} answers {error.status_code}: {error.message}"
    if error.status_code in FATAL or error.code == "insufficient_quota":
        return EndpointRefuses(f"{what}; check key, model name and quota")
    if _retryable(error):
        return EndpointUnavailable(f"{what}, {TRIES} times; resume the job when it is well again")
    return BadRequest(what)
