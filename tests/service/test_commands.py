"""The command line: the installed `glan`, each command in its own process."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from openai_server import OpenAIServer

from service.cli import app

HEAVY = ("fastapi", "openai", "neo4j", "networkx", "httpx", "pydantic", "uvicorn", "jpype")
TAXONOMY = 1 + 8 + 126


def commands(command: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """All commands and groups of the application, by the words that call them."""
    found = {path: command}
    for name, below in getattr(command, "commands", {}).items():
        found |= commands(below, (*path, name))
    return found


COMMANDS = commands(typer.main.get_command(app))


def test_every_command_explains_itself_and_its_options():
    script = (
        "import sys\nfrom service.cli import app\n"
        "for line in sys.stdin:\n"
        "    print('=== ' + line.strip(), flush=True)\n"
        "    app([*line.split(), '--help'], standalone_mode=False)\n"
    )
    asked = [" ".join(path) for path in COMMANDS]
    done = subprocess.run(
        [sys.executable, "-c", script],
        input="\n".join(asked),
        env={"NO_COLOR": "1", "COLUMNS": "160", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    shown = dict(part.split("\n", 1) for part in done.stdout.split("=== ")[1:])
    for path, command in COMMANDS.items():
        text = shown[" ".join(path)]
        assert command.help.split(".")[0].split("\n")[0].strip() in text, path
        for option in command.params:
            if option.param_type_name == "option":
                assert option.opts[0] in text, (path, option.opts)
        for name in getattr(command, "commands", {}):
            assert name in text


def test_help_itself(alone: Any):
    assert "Start with `glan demo`" in alone("--help").stdout
    assert alone("grow", "-h").stdout == alone("grow", "--help").stdout
    assert re.fullmatch(r"glan \d+\.\d+\.\d+\S*\n", alone("--version").stdout)


def test_help_imports_nothing_heavy():
    script = (
        "import sys\nfrom service.cli import app\n"
        "app(['--help'], standalone_mode=False)\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_wrong_usage_exits_with_2(alone: Any):
    for args in (
        ["nonsense"],
        ["node", "show"],
        ["coverage"],
        ["serve", "--port", "x"],
        ["grow", "--add", "0", "x"],
    ):
        done = alone(*args, code=2)
        assert "Usage" in done.stderr
        assert done.stdout == ""
    assert "KEY=VALUE" in alone("query", "node.get", "id", code=2).stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["coverage", "x", "--gaps", "--growth"], "--gaps and --growth"),
        (["coverage", "x", "--by", "Discipline", "--gaps"], "--by and --gaps"),
        (["coverage", "x", "--by", "Discipline", "--dials"], "--by and --dials"),
        (["query", "explore.days", "limit=5", "limit=6"], "limit is given twice"),
        (["query", "--cypher", "RETURN $a", "a=1", "a=2"], "a is given twice"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_of_two_wishes_none_is_passed_over(alone: Any, args: list[str], said: str):
    assert said in alone(*args, code=2).stderr


def test_a_taxonomy_of_its_own_twice(alone: Any):
    """Without a service elsewhere, `glan` runs its own."""
    first = alone.json("taxonomy", "load", "glan")
    nothing = {"conflicts": [], "errors": [], "repeated": [], "warnings": []}
    assert (
        first == {"created": TAXONOMY, "existing": 0, "updated": 0, "unchanged": 0, "proposed": 0} | nothing
    )
    second = alone("taxonomy", "load", "glan").stdout
    assert second == f"0 created, {TAXONOMY} there already, 0 refused\n"
    tree = alone.json("node", "tree", "GLAN", "--depth", "0")
    assert tree["counts"] == {"Field": 8, "Discipline": 126}


def test_a_csv_with_bad_rows(glan: Any, http: httpx.Client):
    (glan.folder / "own.csv").write_text(
        "field,discipline,description,weight\nArts,Dance,Steps,2\n,,,\nArts,Music,,heavy\nArts,Opera,a,1,b\n"
    )
    done = glan("taxonomy", "load", "own.csv", code=1)
    assert "3 created, 0 there already, 3 refused" in done.stdout
    said = [line.split(":")[0] for line in done.stderr.splitlines() if line]
    assert said == ["line 3", "line 4", "line 5"]
    answer = glan.json("taxonomy", "load", "own.csv", code=1)
    assert (answer["created"], answer["existing"]) == (0, 3)
    assert [error["line"] for error in answer["errors"]] == [3, 4, 5]
    dance = http.get("/v1/nodes:resolve?path=own/Arts/Dance").json()
    assert (dance["description"], dance["weight"]) == ("Steps", 2)


def test_ndjson_under_a_node(glan: Any, http: httpx.Client, planted: Any):
    lines = [
        {"kind": "Field", "name": "Crafts", "ref": "c"},
        {"kind": "Discipline", "name": "Weaving\u2028and\u2029dyeing", "parent_ref": "c"},
        {"kind": "Discipline", "name": "Glass", "parent_path": "Root/Sciences"},
    ]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (glan.folder / "own.ndjson").write_text(text + "\nnonsense\n")
    done = glan.json("taxonomy", "load", "own.ndjson", "--under", "Root", code=1)
    assert (done["created"], [error["line"] for error in done["errors"]]) == (3, [4])
    crafts = http.get("/v1/nodes:resolve?path=Root/Crafts").json()
    assert crafts["parents"] == [planted.root]
    assert http.get("/v1/nodes:resolve?path=Root/Crafts/Weaving and dyeing").status_code == 200


def test_files_that_cannot_be_loaded(glan: Any):
    (glan.folder / "x.txt").write_text("Dear reader,\nthis is a letter.\n")
    (glan.folder / "bad.csv").write_bytes(b"field\n\xff\xfe\n")
    (glan.folder / "none.csv").write_text("colour\nred\n")
    for name, says in (
        ("x.txt", "x.txt is of no format known here"),
        ("bad.csv", "UTF-8"),
        ("none.csv", "columns named after kinds"),
        ("gone.csv", "gone.csv"),
    ):
        done = glan("taxonomy", "load", name, code=1)
        assert done.stderr.startswith(("error: ", "line 2: "))
        assert says in done.stderr


def test_nodes(glan: Any, planted: Any):
    added = glan.json("node", "add", "Acoustics", "--under", "Root/Sciences", "--weight", "2")
    assert (added["kind"], added["parents"], added["weight"]) == ("Discipline", [planted.field], 2)
    assert glan("node", "add", "Arts", "--kind", "Field", "--under", "Root").stdout.startswith("Field Arts ")
    shown = glan("node", "show", "Root/Sciences/Acoustics").stdout
    assert added["id"] in shown
    assert "Root / Sciences / Acoustics" in shown
    assert [node["name"] for node in glan.json("node", "list", "acoust")["items"]] == ["Acoustics"]
    assert "Optics" in glan("node", "list", "--kind", "Discipline", "--under", "Sciences").stdout
    tree = glan("node", "tree", "Root", "--depth", "1").stdout
    assert "Sciences Field: 2 Discipline" in tree
    assert "Optics" not in tree
    missed = glan("node", "show", "Root/Sciences/Opticks", code=1).stderr
    assert "'Opticks'" in missed
    assert "did you mean 'Optics' or 'Acoustics'?" in missed
    by_tree, by_name = (
        [row["name"] for row in glan.json("coverage", "Root", "--by", "Discipline", *how)["items"]]
        for how in ((), ("--sort", "alphabet"))
    )
    assert (by_tree, by_name) == (["Optics", "Acoustics"], ["Acoustics", "Optics"])
    assert "aborted" in glan("node", "retire", "Sciences", code=1).stderr.lower()
    assert glan.json("node", "retire", "Sciences", "--yes") == {"retired": 3}
    assert "no node has the id or path" in glan("node", "show", "Nowhere", code=1).stderr
    assert "--kind" in glan("node", "add", "x", "--kind", "Planet", code=2).stderr
    assert (
        "--under: a Field stands under a Taxonomy"
        in glan("node", "add", "x", "--kind", "Field", code=2).stderr
    )
    topmost = glan("node", "add", "x", "--kind", "Taxonomy", "--under", "Root", code=1).stderr
    assert topmost.endswith("error: a Taxonomy stands at the top and takes no parent\n")


def test_nodes_are_moved_merged_and_purged(glan: Any, planted: Any):
    arts = glan.json("node", "add", "Arts", "--kind", "Field", "--under", "Root")["id"]
    moved = glan.json("node", "move", "Sciences/Optics", "--to", "Arts", "--position", "1")
    assert moved["parents"] == [arts]
    assert "--from" in glan("node", "move", "Root", "--to", "Arts", code=1).stderr
    assert (
        "does not stand under"
        in glan("node", "move", "Optics", "--from", "Sciences", "--to", "Root", code=1).stderr
    )
    light = glan.json("node", "add", "Light", "--under", "Sciences")["id"]
    assert "aborted" in glan("node", "merge", "Optics", "--into", "Light", code=1).stderr.lower()
    merged = glan.json("node", "merge", "Optics", "--into", "Light", "--yes")
    assert (merged["id"], set(merged["parents"])) == (light, {arts, planted.field})
    assert glan.json("node", "show", planted.discipline)["id"] == light
    actions = [edit["action"] for edit in glan.json("node", "history", "Light")["items"]]
    assert actions == ["merged", "inserted", "moved", "inserted"]
    assert "merged" in glan("node", "history", "Light").stdout
    assert "aborted" in glan("node", "purge", "Light", code=1).stderr.lower()
    assert glan("node", "purge", "Light", "--yes").stdout == "1 purged\n"
    assert "no node has the id or path" in glan("node", "show", "Light", code=1).stderr


def test_grow_by_itself_to_the_end(
    alone: Any, http: httpx.Client, planted: Any, endpoint: OpenAIServer, model: dict[str, str]
):
    args = ("grow", "Root/Sciences/Optics", "--total", "4", "--subjects", "1", "--queries", "1")
    done = alone(*args, **model)
    assert done.stdout == ""
    assert re.search(r"job \w+ done: 4 requested, 4 accepted", done.stderr)
    assert "accepted" in done.stderr
    made = len(endpoint.calls)
    assert endpoint.steps["questions"] == endpoint.steps["answers"] == 4
    again = alone.json(*args, **model)
    assert again["state"] == "done"
    assert len(endpoint.calls) == made, "nothing was lacking, so nothing was to be asked"
    found = http.get(f"/v1/nodes/{planted.discipline}/coverage").json()
    assert found["instructions"] == 4


def test_grow_and_look_through_a_service(
    grower: httpx.Client, alone: Any, grown: Any, endpoint: OpenAIServer
):
    first = grown(steps=["subjects", "syllabi"], subjects_per_discipline=1)
    token = grower.headers["authorization"].removeprefix("Bearer ")
    env, to = {"GLAN_TOKEN": token}, ("--url", str(grower.base_url))

    job = alone.json("grow", "Optics", "--add", "3", "--subjects", "1", *to, **env)
    assert (job["state"], job["ledger"]["accepted"]) == ("done", 3)
    assert (
        "has its own endpoint"
        in alone("grow", "Optics", "--add", "1", "--base-url", "http://x", *to, code=2, **env).stderr
    )

    listed = alone("job", "list", *to, **env).stdout
    assert job["id"] in listed
    assert first["id"] in listed
    assert [j["id"] for j in alone.json("job", "list", *to, **env)["items"]] == [job["id"], first["id"]]
    shown = alone("job", "show", job["id"], *to, **env).stdout
    assert f"job {job['id']}: done" in shown
    assert alone.json("job", "show", job["id"], *to, **env) == alone.json(
        "job", "watch", job["id"], *to, **env
    )
    assert "cannot pause" in alone("job", "pause", job["id"], *to, code=1, **env).stderr
    assert "no job" in alone("job", "show", "nope", *to, code=1, **env).stderr

    coverage = alone("coverage", "Root", *to, **env).stdout
    assert "Root" in coverage
    rows = alone.json("coverage", "Root", "--by", "Discipline", *to, **env)["items"]
    assert [(row["name"], row["instructions"]) for row in rows] == [("Optics", 3)]
    gaps = alone.json("coverage", "Root", "--gaps", "--limit", "2", *to, **env)["items"]
    assert len(gaps) == 2
    assert gaps[0]["name"] in alone("coverage", "Root", "--gaps", *to, **env).stdout
    _pulls(alone, to, env)
    more = alone("grow", "Optics", "--subjects", "90", "--queries", "1", *to, **env)
    assert re.search(r"Optics: 90 subjects wanted, \d+ named", more.stderr)


def _pulls(alone: Any, to: tuple[str, str], env: dict[str, str]) -> None:
    piped = alone("pull", "Root", *to, **env)
    assert "3 instructions" in piped.stderr
    full = [json.loads(line) for line in piped.stdout.splitlines()]
    assert len(full) == 3
    alone("pull", "Root", "--layout", "openai", "-o", "out.jsonl", *to, **env)
    written = (Path(alone.folder) / "out.jsonl").read_text().splitlines()
    assert [json.loads(line)["messages"][0]["content"] for line in written] == [i["question"] for i in full]
    assert not list(Path(alone.folder).glob("*.part"))
    assert alone("pull", "Root", "--status", "failed", *to, **env).stdout == ""
    assert "--layout" in alone("pull", "Root", "--layout", "poem", *to, code=2, **env).stderr


def test_queries(glan: Any, planted: Any):
    listed = glan("query").stdout
    assert "explore.disciplines" in listed
    assert {q["area"] for q in glan.json("query")} == {"explore"}
    assert "Optics" in glan("query", "explore.disciplines", "id=Root", "limit=5").stdout
    table = glan.json("query", "explore.disciplines", "id=Root")
    assert len(table["rows"]) == 1
    assert "no query is called" in glan("query", "nope", code=1).stderr
    assert "limit" in glan("query", "explore.disciplines", "id=Root", "limit=x", code=2).stderr
    assert "limit" in glan("query", "explore.disciplines", "id=Root", 'limit="x"', code=1).stderr


def test_an_address_where_nothing_answers(alone: Any):
    done = alone("node", "list", "--url", "http://127.0.0.1:9", code=1)
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1
    assert "glan serve" in done.stderr


def test_a_wrong_token(glan: Any):
    done = glan("node", "list", code=1, GLAN_TOKEN="wrong-token")
    assert "token" in done.stderr
    assert "wrong-token" not in done.stderr


def test_doctor(alone: Any, model: dict[str, str], endpoint: OpenAIServer):
    checks = {check["what"]: check for check in alone.json("doctor", **model)}
    assert all(check["ok"] for check in checks.values())
    assert endpoint.base_url in checks["model"]["detail"]
    assert "running at bolt://" in checks["database"]["detail"]
    assert "ok  model" in alone("doctor", **model).stdout


@pytest.mark.parametrize("name", ["GLAN_PORT", "GLAN_NEO4J_HEAP"])
def test_settings_that_cannot_be(alone: Any, name: str):
    done = alone("serve", "--port", "0", "--no-worker", code=1, **{name: "nonsense"})
    assert name in done.stderr
    assert done.stderr.splitlines()[-1].startswith("error: ")
