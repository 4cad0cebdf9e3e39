"""CPU time of one chat request, for each way to send it with the openai client.

Run: python tests/bench/bench_calls.py [--quick]
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

import httpx2
from bench.garden import endpoint
from openai import AsyncOpenAI, DefaultAioHttpClient

from generators.models.client import Client, Endpoint, Timeouts

CALLS = 5_000
ROUNDS = 3
IN_FLIGHT = 32
BODY: dict[str, Any] = {
    "model": "bench-model",
    "messages": [{"role": "user", "content": "x" * 6_000}],
    "temperature": 1.0,
    "max_tokens": 100,
}

Row = dict[str, Any]
Call = Callable[[dict[str, Any]], Awaitable[Any]]


def measure(*, quick: bool = False) -> list[Row]:
    """One row per way, with its best of a few rounds; the ways take turns."""
    with endpoint() as server:
        return asyncio.run(_measure(server.base_url, 200 if quick else CALLS))


async def _measure(base_url: str, calls: int) -> list[Row]:
    http = DefaultAioHttpClient()
    sdk = AsyncOpenAI(api_key="none", base_url=base_url, max_retries=0, http_client=http)
    client = Client(Endpoint(base_url, "none"), Timeouts())
    create: Any = sdk.chat.completions.create

    async def over_its_connections(body: dict[str, Any]) -> bytes:
        response = await http.post(f"{base_url}/chat/completions", json=body)
        return response.content

    ways: dict[str, Call] = {
        "openai client, chat.completions.create": lambda body: create(**body),
        "openai client, post": lambda body: sdk.post("/chat/completions", cast_to=httpx2.Response, body=body),
        "the openai client's connections, without the client": over_its_connections,
        "glan": client.post,
    }
    try:
        rounds = [{way: await _timed(call, calls) for way, call in ways.items()} for _ in range(ROUNDS)]
    finally:
        await client.close()
        await sdk.close()
    return [_row(way, [figures[way] for figures in rounds]) for way in ways]


def _row(way: str, rounds: list[tuple[float, float]]) -> Row:
    seconds, cpu_s = (min(figures) for figures in zip(*rounds, strict=True))
    return {"way": way, "CPU ms a call": f"{1e3 * cpu_s:.2f}", "calls/s": f"{1 / seconds:,.0f}"}


async def _timed(call: Call, calls: int) -> tuple[float, float]:
    """Wall-clock and CPU seconds per call."""
    slots = asyncio.Semaphore(IN_FLIGHT)

    async def one(n: int) -> None:
        async with slots:
            await call(BODY | {"seed": n})

    wall, cpu = perf_counter(), process_time()
    await asyncio.gather(*map(one, range(calls)))
    return (perf_counter() - wall) / calls, (process_time() - cpu) / calls


if __name__ == "__main__":
    from bench.report import run_alone

    run_alone("calls")
