"""`glan release push` against a stand-in of the hub that speaks its API, and what datasets reads there."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
import pytest_asyncio
from dataset_hub import TOKEN, DatasetHub
from planting import Plant, instruction, rows_of

from graph.database import Database
from graph.instructions import instructions
from graph.model import Kind
from service.media.layouts import Layout

DISCIPLINES = ("Optics", "Beekeeping")
SHARES = {"splits": "train=2,test=1", "split_by": "instruction"}


@pytest.fixture
def hub() -> Iterator[DatasetHub]:
    with DatasetHub("me", "team") as hub:
        yield hub


@pytest.fixture
def pushed(glan: Any, hub: DatasetHub, tmp_path: Path) -> Any:
    """`glan` with a token for the stand-in, and a cache of its own."""
    glan.env |= {"HF_ENDPOINT": hub.address, "HF_TOKEN": TOKEN, "HF_HOME": str(tmp_path / "hf")}
    glan.env |= {"HF_HUB_DISABLE_TELEMETRY": "1", "GLAN_CACHE": str(tmp_path / "cache")}
    # Xet is a storage of the hub's own; Git LFS is what the client speaks to any hub.
    glan.env |= {"HF_HUB_DISABLE_XET": "1"}
    return glan


@pytest_asyncio.fixture(scope="module")
async def planted(session_database: Database, session_http: httpx.Client) -> str:
    """Two fields with 60 instructions each, in a release with splits and one without."""
    await rows_of(session_database, "MATCH (n) WHERE NOT n:Schema DETACH DELETE n")
    plant = Plant(session_database)
    top = await plant.node(Kind.Taxonomy, "Root")
    job = await plant.job(top)
    for number, name in enumerate(("Natural sciences", "Crafts")):
        field = await plant.node(Kind.Field, name, top)
        syllabus = await plant.syllabus(
            await plant.node(Kind.Discipline, DISCIPLINES[number], field), f"y{number}", {f"s{number}": ["a"]}
        )
        sessions, concepts = [*syllabus.sessions.values()], [*syllabus.concepts.values()]
        rows = [
            instruction(
                f"{number}-{n:03}",
                syllabus.id,
                sessions,
                concepts,
                answer=f"Answer {n}\u2028 é.",
                **({"rejected_answer": f"Worse {n}", "checked": ["consensus@2"]} if n % 2 else {}),
            )
            for n in range(60)
        ]
        await session_database.writing(lambda tx, rows=rows: instructions.store(tx, job, rows))
    for name, more in (("with", SHARES), ("without", {})):
        answer = session_http.post("/v1/releases", json={"name": name, "node_id": top} | more)
        assert answer.status_code == 201, answer.text
    return top


@pytest.fixture
def database(session_database: Database, planted: str) -> Database:
    """Not wiped between these tests."""
    return session_database


def lines(http: httpx.Client, name: str, **params: Any) -> list[dict[str, Any]]:
    answer = http.get(f"/v1/releases/{name}/instructions", params={"format": "ndjson"} | params)
    return [json.loads(line) for line in answer.content.splitlines()]


def test_a_release_goes_up_in_one_commit_and_once(http: httpx.Client, pushed: Any, hub: DatasetHub):
    found = pushed.json("release", "push", "with", "--repo", "me/bees", "--private")
    repo = hub.repos["me/bees"]
    assert (repo.private, len(repo.commits)) == (True, 2)
    assert (found["url"], found["commit"]) == (f"{hub.address}/datasets/me/bees", repo.oid)
    paths = [file["path"] for file in found["files"]]
    fields = ("crafts", "natural-sciences")
    assert paths == [f"data/{field}/{split}.parquet" for field in fields for split in ("train", "test")]
    assert set(repo.files) == {"README.md", *paths}
    for file in found["files"]:
        table: Any = pq.read_table(BytesIO(repo.files[file["path"]]))
        wanted = lines(http, "with", layout="openai", split=file["split"], field=file["field"])
        assert table.to_pylist() == wanted
        assert len(wanted) == file["count"] > 0
    params = {"layout": "openai", "files": "parquet", "repository": "me/bees"}
    card = http.get("/v1/releases/with/card", params=params).json()["text"]
    assert repo.files["README.md"].decode() == card
    sha256 = http.get("/v1/releases/with").json()["sha256"]
    assert repo.messages == [f"with, sha256 {sha256}"]
    assert not list((pushed.folder / "cache" / "push").rglob("*.parquet"))
    # Once more: nothing is sent, nothing is committed.
    sent = list(hub.uploaded)
    again = pushed.json("release", "push", "with", "--repo", "me/bees", "--private")
    assert again == found
    assert (hub.uploaded, len(repo.commits)) == (sent, 2)
    # With another licence only the card is.
    pushed("release", "push", "with", "--repo", "me/bees", "--private", "--licence", "mit")
    assert [len(repo.files["README.md"])] == hub.uploaded[len(sent) :]


def test_another_release_takes_the_place_of_the_first(http: httpx.Client, pushed: Any, hub: DatasetHub):
    pushed("release", "push", "with", "--repo", "me/bees")
    repo = hub.repos["me/bees"]
    repo.files["notes.txt"] = b"kept"
    printed = pushed(
        "release", "push", "without", "--repo", "me/bees", "--format", "jsonl", "--layout", "alpaca"
    )
    assert f"{hub.address}/datasets/me/bees" in printed.stdout
    assert "data/crafts/train.jsonl" in printed.stdout
    assert {path for path in repo.files if path.startswith("data/")} == {
        f"data/{field}/train.jsonl" for field in ("crafts", "natural-sciences")
    }
    assert repo.files["notes.txt"] == b"kept"
    rows = [json.loads(line) for line in repo.files["data/crafts/train.jsonl"].splitlines()]
    assert rows == lines(http, "without", layout="alpaca", field="Crafts")


def test_a_push_that_was_broken_or_killed_continues(pushed: Any, hub: DatasetHub):
    command = ("release", "push", "with", "--repo", "me/bees")
    hub.broken = 100
    assert "exchange with the hub failed" in pushed(*command, code=1).stderr
    assert hub.repos["me/bees"].commits == [{}]
    kept = sorted((pushed.folder / "cache" / "push").rglob("*.parquet"))
    assert len(kept) == 4
    times = [path.stat().st_mtime_ns for path in kept]
    with pushed.running(*command) as process:
        broken = hub.broken
        while hub.broken == broken and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert [path.stat().st_mtime_ns for path in kept] == times
    hub.broken = 0
    pushed(*command)
    assert len(hub.repos["me/bees"].commits) == 2
    assert len(hub.uploaded) == len(set(hub.objects)) + 1


def test_what_is_refused(pushed: Any, hub: DatasetHub):
    def said(*options: str, code: int = 1, **env: str) -> str:
        return pushed("release", "push", "with", *options, code=code, **env).stderr

    assert "set HF_TOKEN" in said("--repo", "me/bees", HF_TOKEN="")
    assert "does not know the token" in said("--repo", "me/bees", HF_TOKEN="hf_wrong")
    assert "may not write to others/bees" in said("--repo", "others/bees")
    assert "cannot be a repository" in said("--repo", "me/be..es")
    assert "as USER/NAME" in said("--repo", "bees", code=2)
    assert "exchange with the hub failed" in said("--repo", "me/bees", HF_ENDPOINT="http://127.0.0.1:9")
    assert not hub.repos
    pushed("release", "push", "with", "--repo", "team/bees")
    assert "is public" in said("--repo", "team/bees", "--private")
    assert "no release" in pushed("release", "push", "nope", "--repo", "me/b", code=1).stderr
    assert set(hub.repos) == {"team/bees"}
    assert TOKEN not in said("--repo", "others/bees")


READ = """
import json, sys
from datasets import get_dataset_config_names, load_dataset

found = {}
for repo in sys.argv[1:]:
    found[repo] = {config: load_dataset(repo, config) for config in get_dataset_config_names(repo)}
    found[repo] = {
        config: {split: [rows.to_list(), repr(rows.features)] for split, rows in data.items()}
        for config, data in found[repo].items()
    }
print(json.dumps(found))
"""
TEXT = "Value('string')"
TURNS = f"List({{'role': {TEXT}, 'content': {TEXT}}})"
# As TRL documents them: https://huggingface.co/docs/trl/dataset_formats; the others as their tools do.
FEATURES = {
    Layout.openai: f"{{'messages': {TURNS}}}",
    Layout.prompt_completion: f"{{'prompt': {TEXT}, 'completion': {TEXT}}}",
    Layout.prompt_completion_messages: f"{{'prompt': {TURNS}, 'completion': {TURNS}}}",
    Layout.preference: f"{{'prompt': {TEXT}, 'chosen': {TEXT}, 'rejected': {TEXT}}}",
    Layout.preference_messages: f"{{'prompt': {TURNS}, 'chosen': {TURNS}, 'rejected': {TURNS}}}",
    Layout.alpaca: f"{{'instruction': {TEXT}, 'input': {TEXT}, 'output': {TEXT}}}",
    Layout.sharegpt: f"{{'conversations': List({{'from': {TEXT}, 'value': {TEXT}}})}}",
}


def read_back(repositories: list[str], hub: DatasetHub, folder: Path) -> dict[str, Any]:
    """What datasets loads from repositories, by config and split, in a process that knows no other hub."""
    env = os.environ | {"HF_ENDPOINT": hub.address, "HF_TOKEN": TOKEN, "HF_HOME": str(folder)}
    env |= {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_UPDATE_DOWNLOAD_COUNTS": "0", "HF_HUB_DISABLE_XET": "1"}
    done = subprocess.run(
        [sys.executable, "-c", READ, *repositories], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_datasets_reads_every_layout_by_config_and_split(
    http: httpx.Client, pushed: Any, hub: DatasetHub, tmp_path: Path
):
    """What is read is what a pull of the release gives, with the columns that trainers look for."""
    for layout in FEATURES:
        pushed("release", "push", "with", "--repo", f"me/{layout}", "--layout", layout)
    found = read_back([f"me/{layout}" for layout in FEATURES], hub, tmp_path / "reader")
    for layout, features in FEATURES.items():
        configs = found[f"me/{layout}"]
        assert configs.keys() == {"default", "crafts", "natural-sciences"}
        for split in ("train", "test"):
            rows, shown = configs["crafts"][split]
            assert shown == features
            assert rows == lines(http, "with", layout=layout, split=split, field="Crafts")
            rest = lines(http, "with", layout=layout, split=split, field="Natural sciences")
            assert configs["default"][split][0] == rows + rest
    assert FEATURES.keys() == set(Layout) - {Layout.full}


def test_pairs_of_answers_are_pulled_alone(http: httpx.Client, planted: str):
    """By node and from a release, in pages and as a stream; a card says where they come from."""
    address, layout = f"/v1/nodes/{planted}/instructions", {"layout": "preference"}
    answer = http.get(address, params=layout | {"format": "ndjson"})
    rows = [json.loads(line) for line in answer.content.splitlines()]
    assert len(rows) == 60
    for row in rows:
        number = row["rejected"].removeprefix("Worse ")
        assert row["chosen"] == f"Answer {number}\u2028 é."
        assert row["prompt"].endswith(f"-{int(number):03}?")
    paged: list[Any] = []
    params: dict[str, Any] = layout | {"limit": 7}
    while True:
        page = http.get(address, params=params).json()
        paged += page["items"]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert paged == rows == lines(http, "with", layout="preference")
    messages = lines(http, "with", layout="preference-messages", system="Be brief.")
    assert messages[0]["prompt"][0] == {"role": "system", "content": "Be brief."}
    assert messages[0]["rejected"] == [{"role": "assistant", "content": rows[0]["rejected"]}]
    card = http.get("/v1/releases/with/card", params=layout).json()
    assert sum(file["count"] for file in card["files"]) == 60
    assert "60 instructions have a rejected answer beside the one that is kept" in card["text"]
    assert "| it ends in another short final answer than the ones that agree | 60 |" in card["text"]


def test_a_release_without_pairs_is_not_pushed_as_pairs(http: httpx.Client, planted: str, pushed: Any):
    [first] = http.get(f"/v1/nodes/{planted}/instructions", params={"limit": 1}).json()["items"]
    session = first["sessions"][0]
    made = http.post("/v1/releases", json={"name": "none", "node_id": session, "language": "Klingon"})
    assert made.status_code == 201
    done = pushed("release", "push", "none", "--repo", "me/none", "--layout", "preference", code=1)
    assert "has no pairs of answers" in done.stderr


GUIDE = Path(__file__).parents[2] / "docs" / "guide.md"


def test_what_the_guide_says_of_the_hub(pushed: Any, hub: DatasetHub, tmp_path: Path):
    text = GUIDE.read_text(encoding="utf-8")
    [commands] = re.findall(r"<!-- test: hub -->\n```bash\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    [reading] = re.findall(r"<!-- test: hub_read -->\n```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = pushed.environment({"PATH": path})
    run: dict[str, Any] = {"env": env, "cwd": tmp_path, "capture_output": True, "text": True}
    done: Any = subprocess.run(["bash", "-ec", commands], **run)
    assert done.returncode == 0, done.stderr
    repo = hub.repos["me/beekeeping"]
    assert repo.private
    assert (tmp_path / "README.md").read_text(encoding="utf-8").startswith("---\n")
    assert set(repo.files) == {"README.md", "data/crafts/train.parquet", "data/crafts/test.parquet"}
    read: Any = subprocess.run([sys.executable, "-c", reading], **run)
    assert read.returncode == 0, read.stderr
    assert "'role': 'user'" in read.stdout
    assert "'role': 'assistant'" in read.stdout
