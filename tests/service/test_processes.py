"""Long-running processes: `glan serve`, `glan worker`, and `glan grow` under Ctrl-C."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from openai_server import Answer, Call, OpenAIServer, default_reply

from service import app
from service.server import beside, listening
from service.settings import Settings


def await_true(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Waits until the condition holds; fails if the process ends, or at the test's timeout."""
    while not condition():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


def address(process: subprocess.Popen[str]) -> str:
    """The URL that `glan serve` prints, once it answers there."""
    assert process.stderr
    line = next(line for line in process.stderr if line.startswith("glan on "))
    url = line.split()[2]
    while True:
        try:
            httpx.get(url + "/healthz")
        except httpx.TransportError:
            assert process.poll() is None
            time.sleep(0.05)
        else:
            return url


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_answers_and_stops(alone: Any, number: signal.Signals):
    with alone.running("serve", "--port", "0", "--no-worker") as process:
        url = address(process)
        assert httpx.get(url + "/v1/nodes").json() == {"items": [], "next": None}
        assert httpx.get(url + "/docs").status_code == 200
        process.send_signal(number)
        out, err = process.communicate()
    assert process.returncode == 0
    assert out == ""
    assert "Traceback" not in err


def test_serve_with_a_token_never_tells_it(alone: Any):
    secret = "s3cret-t0ken"
    with alone.running("serve", "--port", "0", GLAN_TOKEN=secret) as process:
        url = address(process)
        answers = [
            httpx.get(url + "/v1/nodes"),
            httpx.get(url + "/v1/nodes", headers={"Authorization": "Bearer wrong"}),
            httpx.get(url + "/v1/nodes/x", headers={"Authorization": f"Bearer {secret}"}),
        ]
        assert [answer.status_code for answer in answers] == [401, 401, 404]
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate()
    assert secret not in out + err + "".join(answer.text + str(answer.headers) for answer in answers)


def test_serve_on_all_addresses_wants_a_token(alone: Any):
    for host in ("0.0.0.0", "::"):
        done = alone("serve", "--host", host, code=1)
        assert "GLAN_TOKEN" in done.stderr
        assert host in done.stderr


def test_serve_without_its_database_fails(alone: Any):
    with alone.running("serve", "--port", "0", NEO4J_URI="bolt://127.0.0.1:9") as process:
        _, err = process.communicate()
    assert process.returncode == 1
    assert err.splitlines()[-1].startswith("error: no Neo4j answers at bolt://127.0.0.1:9")


def test_a_port_that_is_taken(alone: Any, http: httpx.Client):
    done = alone("serve", "--port", str(http.base_url.port), code=1)
    assert "choose --port" in done.stderr


def test_logs_are_json_where_no_terminal_is(alone: Any, http: httpx.Client, planted: Any, model: Any):
    job = http.post("/v1/jobs", json={"root_id": planted.discipline, "steps": ["subjects"]}).json()["id"]
    with alone.running("worker", **model) as process:
        await_true(lambda: http.get(f"/v1/jobs/{job}").json()["state"] == "done", process)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate()
    entries = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    assert f"job {job}: runs" in [entry["message"] for entry in entries]
    assert all(entry.keys() >= {"time", "level", "logger"} for entry in entries)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_takes_jobs_of_a_service_without_one(
    alone: Any, http: httpx.Client, planted: Any, end_of: Any, model: Any, number: signal.Signals
):
    spec = {
        "root_id": planted.discipline, "add": 3, "queries_per_discipline": 1, "subjects_per_discipline": 1
    }  # fmt: skip
    job = http.post("/v1/jobs", json=spec).json()
    assert job["state"] == "planned"
    with alone.running("worker", **model) as process:
        ended = end_of(http, job["id"])
        process.send_signal(number)
        process.communicate()
    assert process.returncode == 0
    assert (ended["state"], ended["ledger"]["accepted"]) == ("done", 3)


def test_a_stopped_worker_hands_its_job_to_the_next(
    alone: Any, http: httpx.Client, planted: Any, end_of: Any, model: Any, endpoint: OpenAIServer
):
    endpoint.delay_s = 0.3
    spec = {
        "root_id": planted.discipline, "add": 60, "queries_per_discipline": 1, "subjects_per_discipline": 1
    }  # fmt: skip
    job = http.post("/v1/jobs", json=spec).json()["id"]
    with alone.running("worker", **model) as process:
        await_true(lambda: endpoint.steps["answers"], process)
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert process.returncode == 0
    left = http.get(f"/v1/jobs/{job}").json()
    assert left["state"] == "planned"
    assert left["spent"]["calls"] == len(endpoint.calls)
    endpoint.delay_s = 0
    with alone.running("worker", **model):
        ended = end_of(http, job)
    assert (ended["state"], ended["ledger"]["accepted"]) == ("done", 60)
    assert endpoint.steps["questions"] == endpoint.steps["answers"] == 60


def test_ctrl_c_pauses_and_the_same_command_goes_on(
    alone: Any, http: httpx.Client, planted: Any, model: Any, endpoint: OpenAIServer
):
    endpoint.delay_s = 0.3
    args = ("grow", "Root/Sciences/Optics", "--add", "60", "--subjects", "1", "--queries", "1")
    # Few calls at once, so that the job lasts for seconds: a worker hears of the pause a second later.
    with alone.running(*args, **model, GLAN_CONCURRENCY="6") as process:
        await_true(lambda: endpoint.steps["answers"], process)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate()
    assert process.returncode == 130, err
    assert "pausing job" in err
    [job] = http.get("/v1/jobs").json()["items"]
    assert job["state"] == "paused"
    assert job["spent"]["calls"] == len(endpoint.calls)
    assert job["ledger"]["accepted"] < 60
    endpoint.delay_s = 0
    done = alone(*args, **model)
    assert "continuing it" in done.stderr
    [job] = http.get("/v1/jobs").json()["items"]
    assert (job["state"], job["ledger"]["accepted"]) == ("done", 60)
    assert endpoint.steps["questions"] == endpoint.steps["answers"] == 60


def test_a_second_ctrl_c_leaves_what_is_in_flight(
    alone: Any, http: httpx.Client, planted: Any, model: Any, endpoint: OpenAIServer
):
    def reply(call: Call) -> Answer:
        return replace(default_reply(call), delay_s=600.0 if call.step == "questions" else 0.0)

    endpoint.reply = reply
    args = ("grow", "Root/Sciences/Optics", "--add", "5", "--subjects", "1", "--queries", "1")
    with alone.running(*args, **model, GLAN_REQUEST_TIMEOUT_S="900") as process:
        await_true(lambda: endpoint.steps["questions"], process)
        os.killpg(process.pid, signal.SIGINT)
        assert process.stderr
        assert any("pausing job" in line for line in process.stderr)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    [job] = http.get("/v1/jobs").json()["items"]
    assert (job["state"], job["ledger"]["pending"], job["ledger"]["failed"]) == ("paused", 5, 0)
    endpoint.reply = default_reply
    alone(*args, **model)
    [job] = http.get("/v1/jobs").json()["items"]
    assert (job["state"], job["ledger"]["accepted"]) == ("done", 5)


async def test_answers_do_not_wait_for_an_acknowledgement():
    """Nagle's algorithm would delay every response on a kept-alive connection by 40 ms."""
    accepted: asyncio.Queue[int] = asyncio.Queue()

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found = writer.get_extra_info("socket")
        accepted.put_nowait(found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    with listening("127.0.0.1", 0) as listener:
        async with await asyncio.start_server(connected, sock=listener):
            _, writer = await asyncio.open_connection("127.0.0.1", listener.getsockname()[1])
            assert await accepted.get() == 1
            writer.close()


def test_whatever_keeps_the_service_from_starting_reaches_the_command(
    settings: Settings, neo4j: object, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("No module named 'lingua'")

    monkeypatch.setattr(app, "make_worker", broken)
    with pytest.raises(ModuleNotFoundError, match="lingua"), beside(settings, takes="all"):
        pass
