"""A server that speaks the OpenAI protocol, misbehaves to order and counts what it actually received.

It must use little CPU, because it shares the machine with what is measured: HTTP is handwritten on asyncio's
protocols, requests are hashed and scanned instead of parsed, and a reply is a few bytes around the hash. What
happens to the n-th request of a body depends only on (seed, body, n), not on the order of requests.

Run by itself, it prints its base URL and serves until it is killed:
`python tests/bench/endpoint.py --latency 0.05 --rate-429 0.1 --retry-after 1`. Besides /v1/chat/completions
and /v1/models, it has GET /counters and POST /reset, which takes new options as JSON.
"""

import argparse
import asyncio
import gc
import json
import math
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from email.utils import formatdate
from hashlib import blake2b
from typing import Any, Literal, cast

MODEL = "bench-model"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
TAG = re.compile(rb"\[q:([0-9a-f]{16})\]")
PIECES = 8

HEAD = b"HTTP/1.1 %d %b\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n\r\n"
COMPLETION = (
    b'{"id":"chatcmpl-%b","object":"chat.completion","created":1735689600,"model":"bench-model","choices":'
    b'[{"index":0,"message":{"role":"assistant","content":"%b"},"finish_reason":"%b"}],"usage":'
    b'{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}}'
)
ASPECTS = (b"the first claim", b"a small example", b"the usual method", b"the limiting case")
FOCUS = (b"a careful student", b"an engineer", b"a teacher", b"a curious reader")
# The words differ from question to question, as what they are about would.
SYLLABLES = [
    a + b for a in (b"b", b"d", b"f", b"g", b"k", b"l", b"m", b"n") for b in (b"a", b"e", b"i", b"o")
]
QUESTION = (
    b"In case [q:%b], how would %b use %b of %b to explain what is observed of the %b of a %b, and which "
    b"assumption about %b would have to be given up first if the result were different?"
)
ANSWER = (
    b"For %b the best start is %b. It shows which quantities matter, why they depend on each other, and "
    b"where the simple picture breaks down. From there one checks every assumption in turn, compares the "
    b"outcome with what was seen, and keeps the explanation that needs the fewest changes. Reference %b "
    b"closes the argument with a short summary of what was learned today."
)
PROSE = b"Certainly, here comes a nice one for you about the subject at hand."

Form = Literal["seconds", "date", "reset"]


@dataclass(frozen=True)
class Behaviour:
    """How the server answers. Rates are shares of the requests and exclude each other; times are seconds."""

    latency: float = 0.0
    jitter: float = 0.0
    """Maximum added to `latency`, at random."""
    rate_429: float = 0.0
    retry_after: float = 1.0
    keep_word: bool = False
    """Never answers 429 to a repeated request, as a kept Retry-After promises; else chance decides."""
    retry_after_form: Form = "seconds"
    """Retry-After in seconds, as an HTTP date, or x-ratelimit-reset-requests in place of Retry-After."""
    rate_500: float = 0.0
    status_500: int = 500
    rate_timeout: float = 0.0
    answer_after: float = 0.0
    """Seconds until a request that times out is answered; 0: never."""
    rate_slow: float = 0.0
    slow_for: float = 1.0
    """Seconds that the body of a slow reply takes."""
    rate_drop: float = 0.0
    """Share of connections closed before the reply."""
    rate_cut: float = 0.0
    """Share of connections closed in the middle of the reply."""
    rate_malformed: float = 0.0
    """Replies with prose if JSON is asked for, and an empty text if text is."""
    rate_garbled: float = 0.0
    """Replies whose body is not JSON."""
    rate_truncated: float = 0.0
    """Replies cut off, with the finish_reason length."""
    refuse_json_schema: bool = False
    refuse_json_object: bool = False
    need_max_completion_tokens: bool = False
    """Refuses max_tokens."""
    longest: int = 0
    """Maximum bytes of a request, beyond which it exceeds the context; 0: unlimited."""
    seed: int = 0

    @property
    def rates(self) -> list[tuple[str, float]]:
        """The outcomes with a share above 0, and their shares. Raises ValueError if they exceed 1."""
        rates = [
            ("429", self.rate_429),
            ("500", self.rate_500),
            ("timeout", self.rate_timeout),
            ("slow", self.rate_slow),
            ("dropped", self.rate_drop),
            ("cut", self.rate_cut),
            ("malformed", self.rate_malformed),
            ("garbled", self.rate_garbled),
            ("truncated", self.rate_truncated),
        ]
        if sum(rate for _, rate in rates) > 1 + 1e-9:
            raise ValueError("the rates add up to more than 1")
        return [(name, rate) for name, rate in rates if rate]


# Outcomes that a provider bills: everything that was generated, whether or not it arrived or was usable.
PAID = frozenset({"good", "slow", "timeout", "cut", "malformed", "garbled", "truncated"})


@dataclass
class Counters:
    """What was actually received since the last reset. Bodies are kept as hashes of 8 bytes."""

    requests: int = 0
    outcomes: Counter[str] = field(default_factory=Counter[str])
    connections: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    good: int = 0
    """Good replies that were written completely."""
    good_again: int = 0
    """Good replies to bodies that had already got a good reply."""
    paid_again: int = 0
    """Requests billed for a body that was billed before, whether or not the reply arrived."""
    abandoned: int = 0
    """Requests whose client disconnected before the reply."""
    early: int = 0
    """Retries before the time that their 429 had named."""
    earliest_margin: float | None = None
    """Seconds from the time named to the earliest retry; negative if it came before."""
    longest_wait: float = 0.0
    """The largest total wait asked of one sample, over its question and its answer."""
    first: float | None = None
    last: float = 0.0

    seen: dict[bytes, int] = field(default_factory=dict[bytes, int], repr=False)
    answered: set[bytes] = field(default_factory=set[bytes], repr=False)
    paid: set[bytes] = field(default_factory=set[bytes], repr=False)
    due: dict[bytes, float] = field(default_factory=dict[bytes, float], repr=False)
    waits: dict[bytes, float] = field(default_factory=dict[bytes, float], repr=False)

    def report(self) -> dict[str, Any]:
        """The counters for JSON, without the hashes."""
        kept = ("seen", "answered", "paid", "due", "waits", "first", "last", "outcomes")
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in kept}
        seconds = self.last - self.first if self.first is not None else 0.0
        return plain | {"outcomes": dict(self.outcomes), "bodies": len(self.seen), "seconds": seconds}


class Request:
    """One chat request that the server handles."""

    __slots__ = ("body", "chance", "key", "outcome")

    def __init__(self, body: bytes, key: bytes, outcome: str, chance: float) -> None:
        self.body = body
        self.key = key
        self.outcome = outcome
        self.chance = chance

    @property
    def form(self) -> bytes:
        """The body from "response_format" on; empty without it."""
        place = self.body.rfind(b'"response_format"')
        return self.body[place:] if place >= 0 else b""

    @property
    def wants_question(self) -> bool:
        form = self.form
        return b'"question"' in form if b'"json_schema"' in form else b'{\\"question\\"' in self.body


class Endpoint:
    """The server of one event loop: `await start()`, then `base_url`."""

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        self.counters = Counters()
        self.base_url = ""
        self._server: asyncio.Server | None = None
        self.behave(behaviour or Behaviour())

    def behave(self, behaviour: Behaviour) -> None:
        """Sets how the server answers from now on."""
        self.behaviour = behaviour
        self.rates = behaviour.rates
        self.chancy = bool(self.rates or behaviour.jitter)
        self._seed = behaviour.seed.to_bytes(8, "little", signed=True)

    async def start(self, port: int = 0) -> None:
        """Listens on loopback."""
        self.loop = asyncio.get_running_loop()
        self._server = await self.loop.create_server(
            lambda: Connection(self), "127.0.0.1", port, backlog=1024
        )
        self.base_url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    def close(self) -> None:
        """Accepts no more connections."""
        if self._server:
            self._server.close()

    def reset(self, changes: Mapping[str, Any]) -> None:
        """Resets the counters, and behaves by default except for `changes`."""
        in_flight = self.counters.in_flight
        self.counters = Counters(in_flight=in_flight, most_in_flight=in_flight)
        self.behave(replace(Behaviour(), **changes))

    def receive(self, body: bytes) -> Request:
        """Counts a request and decides its outcome."""
        counters, now = self.counters, self.loop.time()
        counters.requests += 1
        counters.last = now
        if counters.first is None:
            counters.first = now
        key = blake2b(body, digest_size=8).digest()
        nth = counters.seen.get(key, 0)
        counters.seen[key] = nth + 1
        if counters.due and key in counters.due:
            self._judge_retry(now - counters.due.pop(key))
        outcome, chance = self._fate(key, nth) if self.chancy else ("good", 0.0)
        request = Request(body, key, self._refusal(body) or outcome, chance)
        counters.outcomes[request.outcome] += 1
        if request.outcome in PAID:
            counters.paid_again += key in counters.paid
            counters.paid.add(key)
        counters.in_flight += 1
        counters.most_in_flight = max(counters.most_in_flight, counters.in_flight)
        return request

    def _judge_retry(self, margin: float) -> None:
        counters = self.counters
        counters.early += margin < 0
        if counters.earliest_margin is None or margin < counters.earliest_margin:
            counters.earliest_margin = margin

    def _fate(self, key: bytes, nth: int) -> tuple[str, float]:
        """The outcome of the `nth` request of a body, and a number in [0, 1) for the jitter."""
        digest = blake2b(key + nth.to_bytes(4, "little") + self._seed, digest_size=16).digest()
        draw = int.from_bytes(digest[:8], "little") / 2**64
        chance = int.from_bytes(digest[8:], "little") / 2**64
        for name, rate in self.rates:
            if draw < rate:
                kept = name == "429" and nth and self.behaviour.keep_word
                return "good" if kept else name, chance
            draw -= rate
        return "good", chance

    def _refusal(self, body: bytes) -> str | None:
        """The outcome of a request that this server refuses; None if it does not."""
        behaviour = self.behaviour
        if behaviour.longest and len(body) > behaviour.longest:
            return "too long"
        if behaviour.need_max_completion_tokens and b'"max_tokens"' in body:
            return "max_tokens refused"
        if behaviour.refuse_json_schema or behaviour.refuse_json_object:
            form = body[max(0, body.rfind(b'"response_format"')) :]
            if behaviour.refuse_json_schema and b'"json_schema"' in form:
                return "json_schema refused"
            if behaviour.refuse_json_object and b'"json_object"' in form:
                return "json_object refused"
        return None

    def delay(self, request: Request) -> float:
        """Seconds until the reply."""
        behaviour = self.behaviour
        if request.outcome == "timeout":
            return behaviour.answer_after or math.inf
        return behaviour.latency + behaviour.jitter * request.chance

    def wait_asked(self, request: Request) -> bytes:
        """The headers of a 429; records the wait, so that early retries are recognised."""
        counters, behaviour = self.counters, self.behaviour
        wait = behaviour.retry_after
        if behaviour.retry_after_form == "date":
            # A date has whole seconds, so the wait is rounded up to the next one.
            moment = time.time()
            date = math.ceil(moment + wait)
            header, wait = b"Retry-After: %b\r\n" % formatdate(date, usegmt=True).encode(), date - moment
        elif behaviour.retry_after_form == "reset":
            header = b"x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: %dms\r\n" % (
                wait * 1000
            )
        else:
            header = b"Retry-After: %b\r\n" % f"{wait:g}".encode()
        counters.due[request.key] = self.loop.time() + wait
        tag = None if request.wants_question else TAG.search(request.body)
        sample = bytes.fromhex(tag[1].decode()) if tag else request.key
        counters.waits[sample] = waited = counters.waits.get(sample, 0.0) + wait
        counters.longest_wait = max(counters.longest_wait, waited)
        return header

    def answered(self, request: Request) -> None:
        """Counts a good reply that was written completely."""
        counters = self.counters
        counters.good += 1
        counters.good_again += request.key in counters.answered
        counters.answered.add(request.key)


class Connection(asyncio.Protocol):
    """One keep-alive connection, which handles one request after the other."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._buffer = b""
        self._request: Request | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._endpoint.counters.connections += 1

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer:
            self._timer.cancel()
        if self._request:
            self._endpoint.counters.abandoned += 1
            self._finish()

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        while self._request is None and self._buffer and self._take():
            pass

    def _take(self) -> bool:
        """Takes one complete request from the buffer; returns False if it is not complete yet."""
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head, start = self._buffer[:end], end + 4
        if CHUNKED.search(head):
            taken = dechunked(self._buffer, start)
            if taken is None:
                return False
            body, rest = taken
        else:
            length = LENGTH.search(head)
            rest = start + int(length[1]) if length else start
            if len(self._buffer) < rest:
                return False
            body = self._buffer[start:rest]
        self._buffer = self._buffer[rest:]
        self._route(head, body)
        return True

    def _route(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"POST /v1/chat/completions"):
            self._chat(body)
        elif head.startswith(b"GET /v1/models"):
            model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "bench"}
            self._send(200, json.dumps({"object": "list", "data": [model]}).encode())
        elif head.startswith(b"GET /counters"):
            self._send(200, json.dumps(self._endpoint.counters.report()).encode())
        elif head.startswith(b"POST /reset"):
            self._reset(body)
        else:
            self._send(404, b'{"error":{"message":"there is nothing here","code":null}}')

    def _reset(self, body: bytes) -> None:
        try:
            self._endpoint.reset(json.loads(body or b"{}"))
        except (TypeError, ValueError) as error:
            self._send(400, json.dumps({"error": {"message": str(error)}}).encode())
        else:
            self._send(200, json.dumps(asdict(self._endpoint.behaviour)).encode())

    def _chat(self, body: bytes) -> None:
        self._request = request = self._endpoint.receive(body)
        delay = self._endpoint.delay(request)
        if delay == 0:
            self._reply()
        elif delay < math.inf:
            self._timer = self._endpoint.loop.call_later(delay, self._reply)

    def _reply(self) -> None:
        request = self._request
        assert request
        self._timer = None
        outcome = request.outcome
        if outcome in ERRORS:
            self._error(request, *ERRORS[outcome])
        elif outcome == "dropped":
            self._transport.abort()
            return
        elif outcome in ("cut", "slow"):
            self._dribble(completion(request))
            return
        else:
            self._send(200, completion(request))
            if outcome in ("good", "timeout"):
                self._endpoint.answered(request)
        self._finish()

    def _error(self, request: Request, status: int, code: str, message: str) -> None:
        headers = self._endpoint.wait_asked(request) if status == 429 else b""
        status = self._endpoint.behaviour.status_500 if status == 500 else status
        self._send(status, json.dumps({"error": {"message": message, "code": code}}).encode(), headers)

    def _dribble(self, body: bytes) -> None:
        """Sends the head, and then the body in pieces; a reply that is cut ends after half of them."""
        size = -(-len(body) // PIECES)
        pieces = [body[n : n + size] for n in range(0, len(body), size)]
        self._transport.write(HEAD % (200, b"OK", b"", len(body)))
        if self._request and self._request.outcome == "cut":
            self._transport.write(b"".join(pieces[: PIECES // 2]))
            self._transport.close()
            return
        self._trickle(pieces, self._endpoint.behaviour.slow_for / len(pieces))

    def _trickle(self, pieces: list[bytes], pause_s: float) -> None:
        self._timer = None
        if pieces:
            self._transport.write(pieces[0])
            step: Callable[[], None] = lambda: self._trickle(pieces[1:], pause_s)  # noqa: E731
            self._timer = self._endpoint.loop.call_later(pause_s, step)
            return
        assert self._request
        self._endpoint.answered(self._request)
        self._finish()

    def _send(self, status: int, body: bytes, headers: bytes = b"") -> None:
        reason = b"OK" if status == 200 else b"Error"
        self._transport.write(HEAD % (status, reason, headers, len(body)) + body)

    def _finish(self) -> None:
        self._request = None
        self._endpoint.counters.in_flight -= 1
        if self._buffer and not self._transport.is_closing():
            self.data_received(b"")


ERRORS = {
    "429": (429, "rate_limit_exceeded", "too many requests"),
    "500": (500, "server_error", "something went wrong here"),
    "too long": (400, "context_length_exceeded", "the maximum context length of this model is exceeded"),
    "max_tokens refused": (
        400,
        "unsupported_parameter",
        "Unsupported parameter: 'max_tokens' is not supported with this model. "
        "Use 'max_completion_tokens' instead.",
    ),
    "json_schema refused": (400, "invalid_request", "response_format json_schema is not supported"),
    "json_object refused": (400, "invalid_request", "response_format json_object is not supported"),
}


def _words(key: bytes) -> list[bytes]:
    """Four words that depend on a key of at least 8 bytes."""
    return [
        b"".join(SYLLABLES[n % 32] for n in (key[i], key[i + 1], key[i] ^ key[i + 2])) for i in (2, 3, 4, 5)
    ]


def completion(request: Request) -> bytes:
    """The body of a reply, which depends only on the request."""
    tag = request.key.hex().encode()
    aspect, who = ASPECTS[request.key[0] % 4], FOCUS[request.key[1] % 4]
    question = request.wants_question
    if question:
        text = b'{\\"question\\": \\"' + QUESTION % (tag, who, aspect, *_words(request.key)) + b'\\"}'
    else:
        text = ANSWER % (who, aspect, tag)
    finish = b"stop"
    if request.outcome == "malformed":
        text = PROSE if question else b""
    elif request.outcome == "truncated":
        text, finish = text[: len(text) // 2], b"length"
    read, wrote = len(request.body) // 4, len(text) // 4
    body = COMPLETION % (tag, text, finish, read, wrote, read + wrote)
    return body[: len(body) // 2] if request.outcome == "garbled" else body


def dechunked(buffer: bytes, place: int) -> tuple[bytes, int] | None:
    """A chunked body and where it ends in the buffer; None if it is not complete yet."""
    parts: list[bytes] = []
    while True:
        line = buffer.find(b"\r\n", place)
        if line < 0:
            return None
        size = int(buffer[place:line].split(b";")[0], 16)
        place = line + 2 + size + 2
        if len(buffer) < place:
            return None
        if size == 0:
            return b"".join(parts), place
        parts.append(buffer[line + 2 : place - 2])


def arguments() -> argparse.ArgumentParser:
    """A parser with one option per field of Behaviour."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--port", type=int, default=0)
    for option in fields(Behaviour):
        name = f"--{option.name.replace('_', '-')}"
        if isinstance(option.default, bool):
            parser.add_argument(name, action="store_true")
        elif option.name == "retry_after_form":
            parser.add_argument(name, choices=("seconds", "date", "reset"), default="seconds")
        else:
            parser.add_argument(name, type=type(option.default), default=option.default)
    return parser


async def serve(options: argparse.Namespace) -> None:
    """Prints the base URL and serves until it is killed."""
    chosen = {f.name: getattr(options, f.name) for f in fields(Behaviour)}
    endpoint = Endpoint(Behaviour(**chosen))
    await endpoint.start(options.port)
    print(endpoint.base_url, flush=True)
    gc.freeze()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(arguments().parse_args()))
