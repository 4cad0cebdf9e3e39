"""An endpoint that replies with any status, headers and bytes, for what no well-behaved server sends."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from generators.method import Sampling
from generators.models.adaptation import Habits
from generators.models.chat import ChatModel, Reply
from generators.models.client import Client, Endpoint, Timeouts
from generators.models.limiter import Limiter, Slots
from generators.models.masking import Mask

SCHEMA = {"type": "object", "properties": {"question": {"type": "string"}}}
SAMPLING = Sampling(0.7, 0.9, 4096)


@dataclass
class Raw:
    """One response."""

    body: bytes | str | dict[str, Any] | list[Any] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def content(self) -> bytes:
        body = self.body if isinstance(self.body, bytes | str) else json.dumps(self.body)
        return body.encode() if isinstance(body, str) else body


Script = Callable[[dict[str, Any], int], Raw | Awaitable[Raw]]


@dataclass
class RawEndpoint:
    """The requests that the endpoint received, and a model that sends them."""

    base_url: str
    client: Client
    bodies: list[dict[str, Any]]
    requests: list[web.BaseRequest]
    model: ChatModel

    async def ask(self, *, structured: bool = False, seed: int | None = None) -> Reply:
        """One reply; if the endpoint refuses a format, asks again with the next one, as the steps do."""
        from generators.errors import FormatRefused

        schema = SCHEMA if structured else None
        for _ in range(3):
            try:
                return await self.model.chat(
                    [{"role": "user", "content": "Ask"}], SAMPLING, schema=schema, seed=seed
                )
            except FormatRefused:
                continue
        raise AssertionError("every format was refused")


def good(
    content: Any = "fine", finish_reason: Any = "stop", usage: Any = None, **message: Any
) -> dict[str, Any]:
    """The body of a successful chat completion."""
    return {
        "object": "chat.completion",
        "choices": [
            {"message": {"role": "assistant", "content": content, **message}, "finish_reason": finish_reason}
        ],
        "usage": {"prompt_tokens": 7, "completion_tokens": 5} if usage is None else usage,
    }


@asynccontextmanager
async def answering(
    script: Script,
    *,
    path: str = "/v1",
    key: str = "sk-test-0123456789abcdef",
    timeouts: Timeouts | None = None,
    headers: dict[str, str] | None = None,
) -> AsyncGenerator[RawEndpoint]:
    """An endpoint on loopback that replies to request n with `script(body, n)`, and a model that uses it."""
    bodies: list[dict[str, Any]] = []
    requests: list[web.BaseRequest] = []

    async def handle(request: web.BaseRequest) -> web.Response:
        requests.append(request)
        body: dict[str, Any] = json.loads(await request.read() or b"{}")
        bodies.append(body)
        answer = script(body, len(bodies))
        raw = answer if isinstance(answer, Raw) else await answer
        headers = {"Content-Type": "application/json"} | raw.headers
        return web.Response(body=raw.content, status=raw.status, headers=headers)

    runner = web.ServerRunner(web.Server(handle), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base_url = f"http://127.0.0.1:{runner.addresses[0][1]}{path}"
    extra = tuple((headers or {}).items())
    client = Client(
        Endpoint(base_url, key, headers=extra), timeouts or Timeouts(patience=2.0), Mask([key], headers)
    )
    model = ChatModel(client, "m", Habits(Limiter(8), Slots(8)), "questions")
    try:
        yield RawEndpoint(base_url, client, bodies, requests, model)
    finally:
        await client.close()
        await runner.cleanup()
