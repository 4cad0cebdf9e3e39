"""The fast path for chat requests: many at once, also through proxies, and with the client's own errors."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import openai
import pytest
from aiohttp import web
from bench.endpoint import Behaviour
from bench.endpoint import Endpoint as Server

from generators.models.client import Client, Endpoint, Timeouts
from generators.models.replies.refusals import asked_wait, complaint, timed_out

MORE_THAN_AIOHTTP_ALLOWS = 150
BODY = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def client_of(base_url: str, **timeouts: float) -> AsyncGenerator[Client]:
    client = Client(Endpoint(base_url, "a-key"), Timeouts(**timeouts))
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def serving(handler: Handler) -> AsyncGenerator[str]:
    """The address of a server that answers every request with `handler`."""
    runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_all_calls_are_in_flight_at_once() -> None:
    server = Server(Behaviour(latency=0.5))
    await server.start()
    async with client_of(server.base_url) as client:
        calls = [client.post(BODY | {"seed": n}) for n in range(MORE_THAN_AIOHTTP_ALLOWS)]
        await asyncio.gather(*calls)
    server.close()
    assert server.counters.most_in_flight == MORE_THAN_AIOHTTP_ALLOWS


async def test_the_key_goes_along_and_the_reply_comes_as_it_is() -> None:
    async def reply(request: web.BaseRequest) -> web.Response:
        return web.json_response({"path": request.path, "key": request.headers["Authorization"]})

    async with serving(reply) as url, client_of(f"{url}/v1") as client:
        content = await client.post(BODY)
    assert content == b'{"path": "/v1/chat/completions", "key": "Bearer a-key"}'


async def test_an_error_has_its_message_its_wait_and_its_status_compressed_or_not() -> None:
    async def reply(_: web.BaseRequest) -> web.Response:
        error = {"error": {"message": "no such parameter: seed", "code": "unsupported", "param": "seed"}}
        response = web.json_response(error, status=422, headers={"Retry-After": "3"})
        response.enable_compression(web.ContentCoding.gzip)
        return response

    async with serving(reply) as url, client_of(f"{url}/v1") as client:
        with pytest.raises(openai.APIStatusError) as caught:
            await client.post(BODY)
    assert caught.value.status_code == 422
    assert "no such parameter" in complaint(caught.value)
    assert caught.value.param == "seed"
    assert asked_wait(caught.value) == 3.0


async def test_silence_is_a_time_out_and_a_closed_port_is_none() -> None:
    async def never(_: web.BaseRequest) -> web.Response:
        await asyncio.sleep(60)
        raise AssertionError

    async with serving(never) as url, client_of(f"{url}/v1", read=0.1) as client:
        with pytest.raises(openai.APITimeoutError) as silent:
            await client.post(BODY)
    async with client_of(f"{url}/v1") as client:
        with pytest.raises(openai.APIConnectionError) as closed:
            await client.post(BODY)
    assert timed_out(silent.value)
    assert not timed_out(closed.value)


async def test_the_proxy_of_the_environment_is_used_but_not_for_those_it_excepts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []

    async def reply(request: web.BaseRequest) -> web.Response:
        asked.append(str(request.url))
        return web.json_response({})

    async with serving(reply) as url:
        monkeypatch.setenv("http_proxy", url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        for base_url in ("http://models.invalid/v1", f"{url}/direct"):
            async with client_of(base_url) as client:
                await client.post(BODY)
    assert asked == ["http://models.invalid/v1/chat/completions", f"{url}/direct/chat/completions"]
