"""`glan demo`: the whole chain for real, in its own folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.terminal.output import CommandError, say, stdout

if TYPE_CHECKING:
    from service.terminal.client import Api

# A discipline that the paper's taxonomy does not have, and one that it does.
NEW_DISCIPLINE = {
    "kind": "Discipline",
    "name": "Beekeeping",
    "description": "Keeping honey bees: hives, colonies, pollination, honey and health",
}
NEW_PARENT, OTHER = "GLAN/Industry-Agriculture", "GLAN/Academic-Natural Science/Physics"
# A model may give a subject the name of its discipline; this path names one node.
NEW_PATH = "Industry-Agriculture/Beekeeping"
SUBJECTS, EACH = 2, 6
# The method samples at temperature 1.0, at which a model of 135 million parameters writes gibberish.
SMALL_MODEL = {
    "subjects": {"temperature": 0.5, "max_tokens": 200},
    "syllabi": {"temperature": 0.4, "max_tokens": 400},
    "questions": {"temperature": 0.6, "max_tokens": 200},
    "answers": {"temperature": 0.4, "max_tokens": 400},
}
ROUNDS = 8
# Levels shown below a discipline on the closing screen: subjects, syllabi, sessions.
SHOWN_LEVELS, MOST_SESSIONS = 3, 4
# In characters: the shortest answer worth reading, and the longest text that fits the screen.
WORTH, MOST_TEXT = 80, 700


def demo(
    folder: Annotated[Path, typer.Option(help="Folder for its database and its output.")] = Path("glan-demo"),
) -> None:
    """See the whole chain: taxonomy, subjects, syllabi, concepts, instructions, coverage, a JSONL file.

    Runs on the embedded Neo4j with the small local model, or with your endpoint where OPENAI_API_KEY or
    OPENAI_BASE_URL is set. Running it again continues with what is there.
    """
    from service.commands.grow import require_models
    from service.settings import Settings
    from service.terminal.client import connect

    settings = Settings()
    local = require_models(settings, {})
    folder.mkdir(parents=True, exist_ok=True)
    home = (folder / "neo4j").resolve()
    settings = settings.model_copy(update={"home": home, "url": None})
    _title("1. A taxonomy in Neo4j, with a discipline of your own")
    with connect(None, settings, works=True) as api:
        roots = _plant(api)
        _title(f"2. {EACH} instructions for each of two disciplines: subjects, syllabi, questions, answers")
        _grow_all(api, roots, local)
        _title("3. What has grown")
        _show(api, roots, folder)
    _next_steps(folder, home)


def _title(text: str) -> None:
    out = stdout()
    if out.is_terminal:
        out.rule(f"[bold]{text}", align="left")
    else:
        say(f"\n{text}\n")


def _plant(api: "Api") -> list[str]:
    """Loads the taxonomy, adds a discipline to it, and returns the ids of the two disciplines to grow."""
    from service.commands.load import load_into

    loaded = load_into(api, "glan")
    say(f"the paper's taxonomy: {loaded['created']} nodes new, {loaded['existing']} there already")
    node = api.post("/v1/nodes", NEW_DISCIPLINE | {"parent_id": api.node(NEW_PARENT)})
    say(f"{node['kind']} {node['name']} added under {NEW_PARENT}")
    return [node["id"], api.node(OTHER)]


def _grow_all(api: "Api", roots: list[str], local: bool) -> None:
    """Runs jobs until both disciplines have their subjects and instructions.

    Raises CommandError if they do not after ROUNDS rounds.
    """
    for n in range(ROUNDS):
        short = [root for root in roots if _is_short(api, root)]
        if not short:
            return
        # A root that has run out of combinations gets one more subject in the next round.
        for root in short:
            _grow_one(api, root, SUBJECTS + n // 2, local)
    raise CommandError(
        f"after {ROUNDS} rounds the model has not written enough; run `glan demo` again to continue"
    )


def _is_short(api: "Api", root: str) -> bool:
    return _syllabi(api, root) < SUBJECTS or api.get(f"/v1/nodes/{root}/coverage")["instructions"] < EACH


def _syllabi(api: "Api", root: str) -> int:
    return api.get(f"/v1/nodes/{root}/tree", depth=0)["counts"].get("Syllabus", 0)


def _grow_one(api: "Api", root: str, subjects: int, local: bool) -> None:
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
    ended = follow(api, begin(api, spec)["id"], seen=_First(api, root))
    if ended["state"] in ("paused", "cancelled"):
        raise CommandError(f"{ended['state']}: {ended['reason'] or 'run `glan demo` again to continue'}")


class _First:
    """Prints the first instruction below a node as soon as it is stored, once per process."""

    printed = False

    def __init__(self, api: "Api", root: str) -> None:
        self._api = api
        self._root = root

    def __call__(self, job: dict[str, Any]) -> None:
        """Takes each new state of the job."""
        if _First.printed or not job["ledger"]["accepted"]:
            return
        found = self._api.get(f"/v1/nodes/{self._root}/instructions", limit=1)["items"]
        if found:
            _First.printed = True
            say("the first instruction:")
            say(f"  question: {_cut(found[0]['question'])}")
            say(f"  answer:   {_cut(found[0]['answer'])}")


def _cut(text: str) -> str:
    """The text as one paragraph of at most MOST_TEXT characters."""
    text = " ".join(text.split())
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1].rstrip() + "…"


def _show(api: "Api", roots: list[str], folder: Path) -> None:
    from service.commands.coverage import show_coverage
    from service.commands.node import drawn

    stdout().print(drawn(_shortened(api.get(f"/v1/nodes/{roots[0]}/tree", depth=SHOWN_LEVELS))))
    say()
    _show_instruction(api, roots)
    say()
    show_coverage([api.get(f"/v1/nodes/{root}/coverage") for root in roots])
    say()
    _write(api, folder / "instructions.jsonl")


def _shortened(tree: dict[str, Any]) -> dict[str, Any]:
    """The tree with at most MOST_SESSIONS sessions per syllabus: all of them fill several screens."""
    children = [_shortened(child) for child in tree["children"]]
    if tree["kind"] == "Syllabus":
        children = children[:MOST_SESSIONS]
    return tree | {"children": children}


def _show_instruction(api: "Api", roots: list[str]) -> None:
    """Prints the instruction likely to read best, and where it came from."""
    items = [
        item for root in roots for item in api.get(f"/v1/nodes/{root}/instructions", limit=1000)["items"]
    ]
    one = api.get(f"/v1/instructions/{max(items, key=_worth)['id']}")
    out = stdout()
    for name, text, by in (("question", one["question"], "question"), ("answer", one["answer"], "answer")):
        out.print(f"[bold]{name}[/bold] by {one['models'][by]}", highlight=False)
        say(_cut(text))
    out.print("[bold]drawn from[/bold]")
    say("  " + " / ".join(step["name"] for step in one["paths"][0]))
    for name, nodes in (("sessions", one["session_names"]), ("concepts", one["concept_names"])):
        say(f"  {name}: " + "; ".join(node["name"] for node in nodes))


def _worth(item: dict[str, Any]) -> tuple[bool, bool, bool, int]:
    """Sort key: prefers real questions, whole and varied answers, and texts that fit the screen."""
    question, text = item["question"].strip(), item["answer"].strip()
    words = text.lower().split()
    varied = len(set(words)) > len(words) / 2  # small models repeat themselves
    whole = text.endswith((".", "!", "?", "```")) and len(text) >= WORTH
    return question.endswith("?"), whole and varied, len(question) + len(text) <= MOST_TEXT, len(text)


def _write(api: "Api", path: Path) -> None:
    from service.commands.options import FileFormat, LayoutName
    from service.commands.pull import pulled

    instructions = f"/v1/nodes/{api.node('GLAN')}/instructions"
    done = pulled(api, instructions, {"layout": LayoutName.openai}, path, FileFormat.jsonl)
    say(f"{done} in {path}")


def _next_steps(folder: Path, home: Path) -> None:
    _title("What to type next")
    print(
        f"""export GLAN_HOME={home}
glan node tree {NEW_PATH} --depth 4
glan coverage {NEW_PATH} --gaps   # the concepts with the fewest instructions
glan grow {NEW_PATH} --add 6 --sessions 3
glan pull {NEW_PATH} --layout alpaca
glan query        # the named Cypher queries
glan db browser   # the graph in Neo4j Browser
glan serve        # the REST service; documentation at /docs

{folder}/instructions.jsonl was written by the model you have. Set OPENAI_API_KEY
or OPENAI_BASE_URL, and --model, and a better one writes it.""",
        flush=True,
    )
