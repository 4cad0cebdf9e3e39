"""What `glan grow` shows and asks before it begins, and its budgets."""

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai_server import OpenAIServer

from service.terminal.estimates import may_cost

ARGS = ("grow", "Root/Sciences/Optics", "--add", "4", "--subjects", "1", "--queries", "1")
PRICED = {"GLAN_PRICES": '{"test-model": {"input": 1, "output": 2}}'}


def jobs(http: httpx.Client) -> list[dict[str, Any]]:
    return http.get("/v1/jobs").json()["items"]


@pytest.mark.usefixtures("planted")
def test_only_an_estimate(alone: Any, http: httpx.Client, endpoint: OpenAIServer, model: dict[str, str]):
    done = alone(*ARGS, "--estimate", **model, **PRICED)
    for text in ("questions", "answers", "total", "test-model", "the prompts"):
        assert text in done.stdout
    assert "Start?" not in done.stderr
    found = alone.json(*ARGS, "--estimate", **model, **PRICED)
    assert found["total"]["usd"]["expected"] > 0
    assert found["steps"][-1]["calls"]["expected"] == 4
    # Nothing has grown yet, so the capacity of the combinations is unknown.
    assert (found["combinations"]["capacity"], found["combinations"]["wanted"]) == (None, 4)
    assert jobs(http) == []
    assert endpoint.calls == []


@pytest.mark.usefixtures("planted")
def test_not_on_a_terminal_it_says_and_goes_on(alone: Any, model: dict[str, str]):
    done = alone(*ARGS, **model)
    assert "questions" in done.stderr
    assert "unknown" in done.stderr
    assert "no price is known for test-model; set GLAN_PRICES" in done.stderr
    assert "4 accepted" in done.stderr
    quiet = alone("grow", "Optics", "--add", "2", "--quiet", **model)
    assert "the prompts" not in quiet.stderr
    assert "combinations:" not in quiet.stderr


def on_a_terminal(alone: Any, *args: str, typed: bytes, **env: str) -> tuple[int, str]:
    """Runs a command on a pseudo-terminal and types into it; returns its exit code and what it showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [Path(sys.executable).with_name("glan"), *args],
        cwd=alone.folder,
        env=alone.environment(env),
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, typed)
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    return process.wait(timeout=60), shown.decode()


@pytest.mark.usefixtures("planted")
def test_a_terminal_asks_before_money_is_spent(
    alone: Any, http: httpx.Client, endpoint: OpenAIServer, model: dict[str, str]
):
    code, shown = on_a_terminal(alone, *ARGS, typed=b"\n", **model, **PRICED)
    assert "Start? [y/N]" in shown
    assert code == 1
    assert jobs(http) == []
    assert endpoint.calls == []
    code, shown = on_a_terminal(alone, *ARGS, "--yes", typed=b"", **model, **PRICED)
    assert "Start?" not in shown
    assert code == 0
    assert [job["state"] for job in jobs(http)] == ["done"]


def test_what_costs_nothing_is_not_asked_about():
    nothing = {"low": 0.0, "expected": 0.0, "high": 0.0}
    some = nothing | {"high": 0.1}
    step = {"step": "questions"}
    assert not may_cost({"steps": [step], "total": {"usd": nothing}})
    assert not may_cost({"steps": [], "total": {"usd": nothing}})
    assert may_cost({"steps": [step], "total": {"usd": some}})
    assert may_cost({"steps": [step], "total": {"usd": None}})


@pytest.mark.usefixtures("planted")
def test_budget_and_quota_are_in_the_job(alone: Any, http: httpx.Client, model: dict[str, str]):
    job = alone.json(
        *ARGS, "--budget-usd", "5", "--budget-calls", "900", "--quota", "equal", **model, **PRICED
    )
    assert job["spec"]["budget"] == {"usd": 5.0, "calls": 900}
    assert job["spec"]["quota"] == "equal"
    assert [found["id"] for found in jobs(http)] == [job["id"]]
    assert "quota" in alone(*ARGS, "--quota", "poem", code=2, **model).stderr


@pytest.mark.usefixtures("planted")
def test_a_job_over_its_budget_goes_on_with_a_higher_one(
    alone: Any, http: httpx.Client, endpoint: OpenAIServer, model: dict[str, str]
):
    first = alone.json(*ARGS, "--budget-calls", "7", code=3, **model)
    assert first["state"] == "over_budget"
    assert len(endpoint.calls) <= 7
    same = alone(*ARGS, code=3, **model)
    assert "give a higher one" in same.stderr
    again = alone.json(*ARGS, "--budget-calls", "100", **model)
    assert (again["id"], again["state"]) == (first["id"], "done")
    assert again["ledger"]["accepted"] == 4
    assert len(jobs(http)) == 1
