"""The benchmarks' server does what its options say and counts what it receives."""

import asyncio
import json
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from bench.endpoint import Behaviour, Endpoint, arguments

pytestmark = pytest.mark.slow

SCHEMA = {"properties": {"question": {"type": "string"}}}
FORM = {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": SCHEMA}}


class Served:
    """An endpoint in its own thread, and a client of it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.endpoint = Endpoint()
        asyncio.run_coroutine_threadsafe(self.endpoint.start(), self._loop).result()
        self.client = httpx.Client(base_url=self.endpoint.base_url, timeout=5)

    def close(self) -> None:
        self.client.close()
        self._loop.call_soon_threadsafe(self.endpoint.close)
        self._loop.call_soon_threadsafe(self._loop.call_later, 0.05, self._loop.stop)
        self._thread.join()
        self._loop.close()

    def behave(self, **changes: Any) -> None:
        self.client.post("../reset", json=changes).raise_for_status()

    @property
    def counters(self) -> dict[str, Any]:
        return self.client.get("../counters").json()

    def ask(self, text: str = "Ask me.", **more: Any) -> httpx.Response:
        return self.client.post("/chat/completions", json=question(text, **more))

    def outcomes(self, number: int) -> list[int | str]:
        """The statuses, or names of errors, of `number` requests with different bodies."""
        found: list[int | str] = []
        for n in range(number):
            try:
                found.append(self.ask(f"{n}").status_code)
            except httpx.TransportError as error:
                found.append(type(error).__name__)
        return found


def question(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": text}], "response_format": FORM} | more


def text(response: httpx.Response) -> str:
    return response.json()["choices"][0]["message"]["content"]


@contextmanager
def served_by(**options: Any) -> Generator[Served]:
    served = Served()
    try:
        served.behave(**options)
        yield served
    finally:
        served.close()


@pytest.fixture
def served() -> Iterator[Served]:
    with served_by() as served:
        yield served


def test_a_question_depends_on_its_request_alone(served: Served) -> None:
    first, again, other = served.ask("one"), served.ask("one"), served.ask("two")
    assert text(first) == text(again) != text(other)
    assert len(json.loads(text(first))["question"]) >= 15
    assert first.json()["usage"]["completion_tokens"] > 0
    assert served.counters | {"seconds": 0} == {
        "requests": 3,
        "outcomes": {"good": 3},
        "bodies": 2,
        "good": 3,
        "good_again": 1,
        "paid_again": 1,
        "connections": 0,
        "in_flight": 0,
        "most_in_flight": 1,
        "abandoned": 0,
        "early": 0,
        "earliest_margin": None,
        "longest_wait": 0.0,
        "seconds": 0,
    }


def test_what_asks_for_no_form_gets_some_sixty_words(served: Served) -> None:
    reply = served.client.post("/chat/completions", json={"messages": [{"content": "Why?"}]})
    assert 50 <= len(text(reply).split()) <= 80


def test_json_asked_for_in_words_is_json_too(served: Served) -> None:
    reply = served.ask('Reply with JSON alone: {"question": "..."}', response_format={"type": "json_object"})
    assert json.loads(text(reply))["question"]


def test_bodies_in_pieces_and_in_chunks(served: Served) -> None:
    body = json.dumps(question("x" * 200_000)).encode()
    chunked = served.client.post(
        "/chat/completions", content=(body[n : n + 70_000] for n in range(0, len(body), 70_000))
    )
    whole = served.client.post("/chat/completions", content=body)
    assert text(chunked) == text(whole)


def test_models(served: Served) -> None:
    assert [model["id"] for model in served.client.get("/models").json()["data"]] == ["bench-model"]


def test_shares_are_as_asked_and_the_same_whatever_the_order() -> None:
    with served_by(rate_429=0.2, rate_500=0.3, seed=7) as served:
        first = served.outcomes(300)
        assert 30 <= first.count(429) <= 90
        assert 60 <= first.count(500) <= 120
        served.behave(rate_429=0.2, rate_500=0.3, seed=7)
        assert served.outcomes(300) == first
        served.behave(rate_429=0.2, rate_500=0.3, seed=8)
        assert served.outcomes(300) != first


def test_a_retry_before_its_time_is_counted() -> None:
    with served_by(rate_429=1, retry_after=0.2) as served:
        assert served.ask().headers["retry-after"] == "0.2"
        served.ask()
        counters = served.counters
        assert counters["early"] == 1
        assert -0.2 <= counters["earliest_margin"] < 0
        served.behave(rate_429=1, retry_after=0)
        served.ask()
        served.ask()
        assert served.counters["early"] == 0
        assert served.counters["earliest_margin"] >= 0


def test_waits_of_a_question_and_its_answer_add_up() -> None:
    with served_by() as served:
        asked = json.loads(text(served.ask()))["question"]
        served.behave(rate_429=1, retry_after=2)
        served.ask()
        served.client.post("/chat/completions", json={"messages": [{"content": asked}]})
        served.ask("another")
        assert served.counters["longest_wait"] == 4


def test_retry_after_in_its_other_forms() -> None:
    with served_by(rate_429=1, retry_after=5, retry_after_form="date") as served:
        parsedate_to_datetime(served.ask().headers["retry-after"])
        served.behave(rate_429=1, retry_after=1.5, retry_after_form="reset")
        headers = served.ask().headers
        assert headers["x-ratelimit-reset-requests"] == "1500ms"
        assert "retry-after" not in headers


@pytest.mark.parametrize(
    ("option", "error"), [("rate_drop", "ReadError"), ("rate_cut", "RemoteProtocolError")]
)
def test_closed_connections(option: str, error: str) -> None:
    with served_by(**{option: 1}) as served:
        assert served.outcomes(2) in ([error] * 2, ["RemoteProtocolError"] * 2)
        assert served.counters["good"] == 0
        assert served.counters["in_flight"] == 0


def test_a_time_out_is_abandoned_or_answered_late() -> None:
    with served_by(rate_timeout=1) as served:
        with pytest.raises(httpx.ReadTimeout):
            served.client.post("/chat/completions", json=question("x"), timeout=0.2)
        assert served.counters["abandoned"] == 1
        served.behave(rate_timeout=1, answer_after=0.05)
        assert served.ask().elapsed.total_seconds() >= 0.05
        assert served.counters["paid_again"] == 0


def test_a_slow_body_arrives() -> None:
    with served_by(rate_slow=1, slow_for=0.2) as served:
        reply = served.ask()
        assert json.loads(text(reply))["question"]
        assert reply.elapsed.total_seconds() >= 0.15  # the last piece arrives after 7/8 of the time
        assert served.counters["good"] == 1


def test_replies_that_are_of_no_use() -> None:
    with served_by(rate_malformed=1) as served:
        assert "{" not in text(served.ask())
        served.behave(rate_truncated=1)
        assert served.ask().json()["choices"][0]["finish_reason"] == "length"
        served.behave(rate_garbled=1)
        with pytest.raises(ValueError, match=r"Unterminated|Expecting|delimiter"):
            served.ask().json()


@pytest.mark.parametrize(
    ("options", "request_", "code"),
    [
        ({"refuse_json_schema": True}, {}, "invalid_request"),
        ({"refuse_json_object": True}, {"response_format": {"type": "json_object"}}, "invalid_request"),
        ({"need_max_completion_tokens": True}, {"max_tokens": 9}, "unsupported_parameter"),
        ({"longest": 50}, {}, "context_length_exceeded"),
    ],
)
def test_refusals(options: dict[str, Any], request_: dict[str, Any], code: str) -> None:
    with served_by(**options) as served:
        reply = served.ask(**request_)
        assert (reply.status_code, reply.json()["error"]["code"]) == (400, code)
        plain = served.client.post("/chat/completions", json={"messages": []})
        assert plain.status_code == 200


def test_options_of_the_command_are_those_of_the_server() -> None:
    chosen = vars(arguments().parse_args(["--rate-429", "0.1", "--retry-after-form", "date"]))
    chosen.pop("port")
    assert Behaviour(**chosen) == Behaviour(rate_429=0.1, retry_after_form="date")


def test_rates_beyond_one_are_refused(served: Served) -> None:
    assert served.client.post("../reset", json={"rate_429": 0.6, "rate_500": 0.6}).status_code == 400
    assert served.client.post("../reset", json={"rate_418": 0.6}).status_code == 400
