"""What the command line prints and imports, as far as no database is needed."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from generators.spec import JobSpec
from graph.access.tokens import Scope
from graph.instructions.instructions import InstructionStatus
from graph.model import Kind
from service.cli import app
from service.commands import options
from service.media.layouts import Layout
from service.terminal.client import connect
from service.terminal.closing import closing
from service.terminal.estimates import brief, show
from service.terminal.meant import meant
from service.terminal.output import stdout
from service.terminal.tables import MOST_ROWS, print_table
from service.terminal.transfer import written_through

pytestmark = pytest.mark.slow

ROOT = typer.main.get_command(app)
HEAVY = (
    "fastapi",
    "neo4j",
    "openai",
    "networkx",
    "pyarrow",
    "pandas",
    "numpy",
    "uvicorn",
    "jinja2",
    "aiohttp",
)
# Modules that a service in the command's process does not import unless it runs a job.
OF_WORKERS = ("openai", "pandas", "numpy", "xllamacpp", "py3langid")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (options.KindName, list(Kind)),
        (options.LayoutName, list(Layout)),
        (options.StatusName, list(InstructionStatus)),
        (options.ScopeName, list(Scope)),
    ],
)
def test_the_names_an_option_takes_are_those_of_the_graph(ours: Any, theirs: list[str]):
    assert {str(name) for name in ours} == {str(name) for name in theirs}


def test_the_quotas_are_those_of_a_job():
    quota = JobSpec.model_json_schema()["properties"]["quota"]
    assert set(quota["enum"]) == {str(name) for name in options.QuotaName}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (0.00421, "0.00421"),
        (7, "7"),
        (999, "999"),
        (999.9, "1 k"),
        (20_049, "20 k"),
        (1_249_000, "1.2 M"),
        (999_999, "1 M"),
        (3e9, "3 G"),
        (9_999_999_999_999, "10000 G"),
    ],
)
def test_a_figure_is_brief(value: float, shown: str):
    assert brief(value) == shown


def figures(calls: int) -> dict[str, Any]:
    span = {"low": calls * 0.8, "expected": calls, "high": calls * 1.6}
    return {"calls": span, "prompt_tokens": span, "completion_tokens": span, "usd": None}


@pytest.mark.parametrize("columns", ["80", None])
def test_an_estimate_breaks_no_figure(
    columns: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    step = figures(20_000) | {"step": "questions", "model": "a/long-model-name" * 4, "basis": "prompts"}
    note = (
        "a note of more than eighty characters, which nothing breaks where there is no terminal to read it on"
    )
    found = {
        "steps": [step],
        "total": figures(20_000),
        "seconds": None,
        "combinations": {"wanted": 1, "drawn": 0, "capacity": 2, "laps": 1},
        "notes": [note],
    }
    show(found, stdout())
    printed = capsys.readouterr().out
    assert printed.count("20 k (16 k to 32 k)") == 6
    assert f"- {note}\n" in printed
    if columns:
        table = [line for line in printed.splitlines() if line.startswith("│")]
        assert max(map(len, table)) <= 80


def test_a_table_shows_the_first_rows_and_a_total(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("COLUMNS", "80")
    columns = ("node", "concepts", "something wide")
    rows = [[f"node {n}", f"{n:,}", "x" * 70] for n in range(100)]
    print_table(columns, rows, every="--all", total=["all", "4,950", "y"], least=2)
    done = capsys.readouterr()
    assert f"node {MOST_ROWS - 1} " in done.out
    assert f"node {MOST_ROWS} " not in done.out
    assert "4,950" in done.out
    assert "something" not in done.out, "it does not fit"
    assert done.err == "the first 40 of 100 rows; --all shows all\n"
    print_table(columns, rows, every=None)
    assert "node 99 " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("word", "group", "command"),
    [
        ("tree", "", "glan node tree"),
        ("children", "", "glan node tree"),
        ("nodes", "", "glan node list"),
        ("covrage", "", "glan coverage"),
        ("merge", "job", "glan node merge"),
        ("shwo", "node", "glan node show"),
        ("generate", "", "glan grow"),
        ("export", "", "glan pull"),
    ],
)
def test_a_command_that_is_not_one_names_what_was_meant(word: str, group: str, command: str):
    assert f"`{command}`" in meant(word, ROOT, group)
    done = run(*group.split(), word)
    assert done.returncode == 2
    assert f"`{command}`" in done.stderr
    assert done.stdout == ""


def test_what_each_suggestion_names_is_a_command():
    from service.terminal.meant import OTHER_NAMES

    for names in OTHER_NAMES:
        for name in names:
            found: Any = ROOT
            for word in name.split():
                found = found if word.startswith("-") else found.commands[word]


def run(*args: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [Path(sys.executable).with_name("glan"), *args],
        env={name: value for name, value in os.environ.items() if name != "COLUMNS"} | env,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize(
    ("args", "option"),
    [
        (("node", "add", "x", "--kind", "Banana"), "--kind"),
        (("pull", "x", "--layout", "alpaka"), "--layout"),
        (("pull", "x", "-o", "."), "--output"),
        (("pull", "x", "-o", "no/such/folder/file"), "--output"),
        (("node", "list", "--url", "localhost:8321"), "--url"),
        (("node", "list", "--url", "//127.0.0.1"), "--url"),
        (("serve", "--host", "nosuch.invalid"), "--host"),
        (("grow", "x", "--budget-usd", "-1"), "--budget-usd"),
        (("token", "create", "x", "--scope", "everything"), "--scope"),
    ],
)
def test_wrong_usage_is_said_of_the_option_in_one_line(args: tuple[str, ...], option: str):
    done = run(*args)
    assert done.returncode == 2, done.stderr
    [line] = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert option in line
    assert "body." not in done.stderr
    assert "Value error" not in done.stderr


def test_a_missing_model_is_said_before_anything_is_made(tmp_path: Path):
    home = tmp_path / "home"
    for args in (("demo", "--folder", str(tmp_path / "demo")), ("grow", "x", "--add", "1")):
        done = run(*args, GLAN_MODEL=str(tmp_path / "no.gguf"), GLAN_HOME=str(home))
        assert done.returncode == 1
        assert "there is no model file" in done.stderr
        assert not home.exists()
        assert not (tmp_path / "demo").exists()


def job(**changes: Any) -> dict[str, Any]:
    ledger = dict.fromkeys(("rejected", "asked", "pending", "again"), 0)
    ledger |= {"requested": 6, "accepted": 5, "failed": 1}
    spent = {"calls": 1234, "tokens": 5, "usd": 0.0}
    units = {"pending": 0, "done": 1, "failed": 0, "short": 0}
    stratum = {"weight": 0.1, "planned": 0, "moved": 0, "exhausted": True}
    strata = {"single:4": stratum, "single:5": stratum | {"moved": -1}, "pair:5": stratum | {"moved": -1}}
    found: dict[str, Any] = {"id": "j", "state": "done", "reason": None, "ledger": ledger, "reasons": {}}
    found |= {
        "steps": {"subjects": units},
        "strata": strata,
        "spent": spent,
        "spent_by_step": {},
        "changes": [],
    }
    return found | changes


def test_what_is_to_be_known_of_a_job_is_said_as_it_is():
    told = ["the judge j kept 2 of 10 good ones", "continued with budget: 5 USD -> 9 USD"]
    assert closing(job(changes=told))[-2:] == [f"  {line}" for line in told]


def test_a_job_closes_in_the_words_of_its_reader():
    lines = closing(job())
    assert lines[0] == "job j: done"
    assert "  1 list of subjects written" in lines
    assert "  5 of 6 instructions accepted, 1 failed" in lines
    [used_up] = [line for line in lines if "combinations" in line]
    assert "4 and 5 from one session; 5 from two sessions" in used_up
    assert "2 questions" in used_up
    assert "single:4" not in "\n".join(lines)
    # If nothing had to be moved, exhausted strata are not mentioned.
    unmoved = {"single:4": {"weight": 0.1, "planned": 0, "moved": 0, "exhausted": True}}
    assert "combinations" not in "\n".join(closing(job(strata=unmoved)))


def test_a_test_run_counts_its_questions():
    pairs = {"pending": 3, "done": 5, "failed": 2, "short": 0}
    assert "  5 of 10 questions compared, 2 failed, 3 not begun" in closing(job(steps={"pairs": pairs}))


def test_what_refining_did_is_one_line():
    found = {"on": False, "critiques": 1200, "unchanged": 30, "compared": 20, "won": 3, "lost": 5, "tied": 1}
    [line] = [
        line
        for line in closing(job(refinement=found | {"inconsistent": 11, "longer": 0.75}))
        if "criticised" in line
    ]
    assert line == (
        "  1,200 answers criticised, 30 left as they were; of 20 refined ones compared 3 better, 5 worse, "
        "1 as good, 11 judged otherwise in the other order; 75% of its opinions for the longer answer; "
        "switched off"
    )
    assert not [line for line in closing(job(refinement=None)) if "criticised" in line]


class _Service(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        kind = "query.kind"
        problem = {"detail": "no", "errors": [{"where": kind, "problem": "is not one"}]}
        body = json.dumps(problem if "jobs" in self.path else {"items": [], "next": None}).encode()
        self.send_response(422 if "jobs" in self.path else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Logs nothing."""


@pytest.fixture
def service():
    """The address of a server that answers every GET, and the list of paths requested."""
    handler = type("Handler", (_Service,), {"asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", handler.asked
        server.shutdown()
        thread.join()


def test_requests_to_this_machine_pass_no_proxy(service: Any, monkeypatch: pytest.MonkeyPatch):
    url, asked = service
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("GLAN_TOKEN", "secret")
    with connect(url) as api:
        assert api.get("/v1/nodes") == {"items": [], "next": None}
    assert asked == ["/v1/nodes"]


def test_what_the_service_rejects_of_a_value_names_its_option(service: Any):
    done = CliRunner().invoke(app, ["node", "list", "--url", service[0], "--kind", "Subject"])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(app, ["job", "list", "--url", service[0]])
    assert done.exit_code == 1, "no option of this command gave it"


def test_a_read_through_a_service_imports_nothing_heavy(service: Any):
    script = (
        "import sys\nfrom service.cli import app\n"
        f"app(['node', 'list', '--url', {service[0]!r}], standalone_mode=False)\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_a_service_beside_a_command_imports_no_client_of_models():
    script = f"import sys, service.server\nprint([name for name in {OF_WORKERS} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_pipes_devices_and_open_files_are_written_through(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "dangling").symlink_to(tmp_path / "new")
    through = {name: written_through(tmp_path / name) for name in ("pipe", "file", "link", "dangling", "new")}
    assert through == {"pipe": True, "file": False, "link": False, "dangling": False, "new": False}
    assert written_through(Path("/dev/stdout"))
    assert written_through(Path("/dev/null"))
