"""`glan demo`: the whole chain, for real, in a folder of its own."""

from pathlib import Path
from typing import Annotated, Any

import typer

from service.terminal.output import CommandError, errors, stdout

# A discipline that the paper's taxonomy lacks, and one that it has.
NEW_DISCIPLINE = {
    "kind": "Discipline",
    "name": "Beekeeping",
    "description": "Keeping honey bees: hives, colonies, pollination, honey and health",
}
NEW_PARENT, OTHER = "GLAN/Industry-Agriculture", "GLAN/Academic-Natural Science/Physics"
SUBJECTS, EACH = 2, 6
# The method samples at temperature 1.0, where a model of 135 million parameters writes gibberish.
SMALL_MODEL = {
    "subjects": {"temperature": 0.5, "max_tokens": 200},
    "syllabi": {"temperature": 0.4, "max_tokens": 400},
    "questions": {"temperature": 0.6, "max_tokens": 200},
    "answers": {"temperature": 0.4, "max_tokens": 400},
}
ROUNDS = 8


def demo(
    folder: Annotated[Path, typer.Option(help="Where its database and its output go.")] = Path("glan-demo"),
) -> None:
    """See the whole chain: taxonomy, subjects, syllabi, concepts, instructions, coverage, a JSONL file.

    Runs on the embedded Neo4j with the small local model, or with your endpoint where OPENAI_API_KEY or
    OPENAI_BASE_URL is set. Running it again goes on with what is there.
    """
    with errors():
        from service.settings import Settings
        from service.terminal.client import connect

        folder.mkdir(parents=True, exist_ok=True)
        home = (folder / "neo4j").resolve()
        settings = Settings().model_copy(update={"home": home, "url": None})
        _title("1. A real service on a free port, with Neo4j underneath")
        with connect(None, settings) as api:
            roots = _plant(api)
            jobs = _grow_all(api, settings, roots)
            _show(api, roots, jobs, folder)
        _next_steps(folder, home)


def _title(text: str) -> None:
    stdout().rule(f"[bold]{text}", align="left")


def _plant(api: Any) -> list[str]:
    """Loads the taxonomy, adds a discipline to it, and returns the ids of the two disciplines to grow."""
    from service.commands.taxonomy import load_into

    loaded = load_into(api, "glan")
    stdout().print(f"the paper's taxonomy: {loaded['created']} nodes new, {loaded['existing']} there already")
    node = api.post("/v1/nodes", NEW_DISCIPLINE | {"parent_id": api.node(NEW_PARENT)})
    stdout().print(f"POST /v1/nodes: {node['kind']} {node['name']}, id {node['id']}", markup=False)
    return [node["id"], api.node(OTHER)]


def _grow_all(api: Any, settings: Any, roots: list[str]) -> list[dict[str, Any]]:
    """Jobs until both disciplines have their subjects and instructions."""
    from service.commands.grow import say_model

    _title(f"2. Subjects, syllabi, questions and answers: {EACH} instructions for each of two disciplines")
    local = say_model(settings, None)
    jobs: list[dict[str, Any]] = []
    for n in range(ROUNDS):
        lacking = [root for root in roots if _lacks(api, root)]
        if not lacking:
            return jobs
        # A root that has run out of combinations gets one more subject in the next round.
        jobs += [_grow_one(api, root, SUBJECTS + n // 2, local) for root in lacking]
    raise CommandError(
        f"after {ROUNDS} rounds the model has not written enough; run `glan demo` again to go on"
    )


def _lacks(api: Any, root: str) -> bool:
    return _syllabi(api, root) < SUBJECTS or api.get(f"/v1/nodes/{root}/coverage")["instructions"] < EACH


def _syllabi(api: Any, root: str) -> int:
    return api.get(f"/v1/nodes/{root}/tree", depth=0)["counts"].get("Syllabus", 0)


def _grow_one(api: Any, root: str, subjects: int, local: bool) -> dict[str, Any]:
    from service.commands.grow import begin
    from service.terminal.progress import follow

    spec: dict[str, Any] = {
        "root_id": root,
        "subjects_per_discipline": subjects,
        "queries_per_discipline": 4,
        "sessions_per_syllabus": 3,
        "concepts_per_session": 4,
        "sampling": SMALL_MODEL if local else {},
    }
    if _syllabi(api, root) >= SUBJECTS:
        spec["until"] = {"total": EACH}
    ended = follow(api, begin(api, spec)["id"])
    if ended["state"] in ("paused", "cancelled"):
        raise CommandError(f"{ended['state']}: {ended['reason'] or 'run `glan demo` again to go on'}")
    return ended


def _show(api: Any, roots: list[str], jobs: list[dict[str, Any]], folder: Path) -> None:
    from service.commands.coverage import coverage_table
    from service.commands.job import show_job
    from service.commands.node import drawn

    out = stdout()
    _title("3. What has grown")
    for root in roots:
        out.print(drawn(api.get(f"/v1/nodes/{root}/tree", depth=4)))
    _title("4. One instruction and where it came from")
    _show_instruction(api, roots[0])
    _title("5. Coverage, counted by Cypher")
    out.print(coverage_table([api.get(f"/v1/nodes/{root}/coverage") for root in roots]))
    _title("6. The ledger: requested = accepted + rejected + failed + asked + pending")
    for job in jobs or api.get("/v1/jobs", limit=len(roots))["items"]:
        show_job(job, out)
    _title("7. The subtree as JSONL")
    _write(api, folder / "instructions.jsonl")


def _show_instruction(api: Any, root: str) -> None:
    out = stdout()
    items = api.get(f"/v1/nodes/{root}/instructions", limit=1000)["items"]
    pairs = [item for item in items if item["strategy"] == "pair"]
    one = api.get(f"/v1/instructions/{(pairs or items)[0]['id']}")
    out.print(f"[bold]question[/bold] ({one['strategy']}, by {one['models']['question']})")
    out.print(one["question"], markup=False)
    out.print(f"[bold]answer[/bold] (by {one['models']['answer']})")
    out.print(one["answer"], markup=False)
    out.print("[bold]lineage[/bold]")
    for path in one["paths"]:
        out.print("  " + " / ".join(step["name"] for step in path), markup=False)
    for name, nodes in (("sessions", one["session_names"]), ("concepts", one["concept_names"])):
        out.print(f"  {name}: " + "; ".join(node["name"] for node in nodes), markup=False)


def _write(api: Any, path: Path) -> None:
    from service.commands.pull import progress_of_pull
    from service.terminal.transfer import Lines

    instructions = f"/v1/nodes/{api.node('GLAN')}/instructions"
    with progress_of_pull() as progress:
        done = Lines(api, instructions, {"layout": "openai"}, path, progress).run()
    stdout().print(f"{done} in {path}")


def _next_steps(folder: Path, home: Path) -> None:
    _title("What to type next")
    stdout().print(
        f"""export GLAN_HOME={home}
glan db browser                                # the graph in Neo4j Browser
glan coverage Beekeeping --gaps                # concepts that lack instructions
glan query explore.thin_subjects id=GLAN       # named Cypher queries; `glan query` lists them
glan grow Beekeeping --add 6 --sessions 3      # more of it
glan pull Beekeeping --layout alpaca           # pull a subtree
glan serve                                     # the REST service, /docs
make test                                      # in a checkout: prove it all
{folder}/instructions.jsonl was written by whatever model you have; with OPENAI_API_KEY or OPENAI_BASE_URL
and --model it is yours.""",
        markup=False,
        soft_wrap=True,
    )
