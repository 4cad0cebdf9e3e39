"""The closing lines of a command that ran or shows a job: what came of it, for people to read."""

from typing import TYPE_CHECKING, Any

from service.terminal import dials
from service.terminal.output import DONE, FAILED, INTERRUPTED, SHORT, Rejected
from service.terminal.progress import told

if TYPE_CHECKING:
    from service.terminal.client import Api

MOST_TEXT = 120
# Wording of the ledger's entries other than the accepted ones.
REST = {
    "rejected": "rejected",
    "failed": "failed",
    "asked": "waiting for an answer",
    "pending": "not begun",
}
MADE = {
    "taxonomy": ("list of names", "lists of names"),
    "subjects": ("list of subjects", "lists of subjects"),
    "syllabi": ("syllabus", "syllabi"),
}
FROM = {"single": "one session", "pair": "two sessions", "cross": "two syllabi"}


def exit_code(job: dict[str, Any]) -> int:
    """With what a command ends that ran a job; paused without a reason, it was interrupted."""
    codes = {"done": DONE, "failed": FAILED, "paused": FAILED if job["reason"] else INTERRUPTED}
    return codes.get(job["state"], SHORT)


def closing(job: dict[str, Any]) -> list[str]:
    """Lines on the state, result, failures, combinations and cost of a job."""
    reason = f" ({job['reason']})" if job["reason"] else ""
    lines = [f"job {job['id']}: {job['state']}{reason}", *_made(job), *_instructions(job)]
    for name, found in job["reasons"].items():
        lines.append(f"{found['count']:,} {name}: {found['meaning']}")
        if found["text"]:
            text = " ".join(found["text"].split())
            lines.append(f"  such as {found['example']}: {_short(text)}")
    lines += [f"{found['count']:,} {found['meaning']}" for found in job.get("warnings", {}).values()]
    lines += [f"accepted by {line}" for line in dials.lines(job.get("dials", {}))]
    lines += _refined(job.get("refinement"))
    lines += _used_up(job)
    lines += told(job)
    lines += job["changes"]
    return [lines[0], *(f"  {line}" for line in lines[1:])]


def missing(api: "Api", job: dict[str, Any]) -> list[str]:
    """Lines on disciplines with fewer subjects than wanted; empty if there are none."""
    wanted = job["spec"].get("subjects_per_discipline")
    if not wanted or "subjects" not in job["steps"]:
        return []
    path = "/v1/queries/explore.disciplines"
    try:
        rows = api.post(path, {"params": {"id": job["root_id"], "limit": 10_000}})["rows"]
    except Rejected:
        return []
    short = [row for row in rows if row["subjects"] < wanted]
    named = [f"{row['discipline']}: {wanted} subjects wanted, {row['subjects']} named" for row in short[:3]]
    if len(short) > len(named):
        named.append(f"and fewer than wanted in {len(short) - len(named):,} more disciplines")
    ended = job["state"] not in ("planned", "running", "paused")
    if named and ended:
        named.append("ask for more lists of subjects with --queries, or add subjects with glan node add")
    return [f"  {line}" for line in named]


def _made(job: dict[str, Any]) -> list[str]:
    """Lines on the lists of subjects and the syllabi that were written."""
    lines: list[str] = []
    for step, (one, several) in MADE.items():
        count = job["steps"].get(step)
        if count and any(count.values()):
            done = count["done"] + count["short"]
            rest = [f"{count[name]:,} {REST[name]}" for name in ("failed", "pending") if count[name]]
            lines.append(", ".join([f"{done:,} {one if done == 1 else several} written", *rest]))
    return lines


def _instructions(job: dict[str, Any]) -> list[str]:
    """A line on the instructions, or on what a job without instructions compared."""
    ledger = job["ledger"]
    if job["steps"].get("taxonomy"):
        return []
    if pairs := job["steps"].get("pairs"):
        rest = [f"{pairs[name]:,} {REST[name]}" for name in ("failed", "pending") if pairs[name]]
        return [", ".join([f"{pairs['done']:,} of {sum(pairs.values()):,} questions compared", *rest])]
    if not ledger["requested"]:
        return ["no instructions were asked for"]
    rest = [f"{ledger[name]:,} {words}" for name, words in REST.items() if ledger[name]]
    if ledger["again"]:
        rest.append(f"{ledger['again']:,} asked for once more")
    return [", ".join([f"{ledger['accepted']:,} of {ledger['requested']:,} instructions accepted", *rest])]


def _refined(found: dict[str, Any] | None) -> list[str]:
    """A line on what refining did, and how its judge compared."""
    if not found:
        return []
    parts = [f"{found['critiques']:,} answers criticised, {found['unchanged']:,} left as they were"]
    if found["compared"]:
        parts.append(
            f"of {found['compared']:,} refined ones compared {found['won']:,} better, {found['lost']:,} "
            f"worse, {found['tied']:,} as good, {found['inconsistent']:,} judged otherwise in the other order"
        )
    if found["longer"] is not None:
        parts.append(f"{found['longer']:.0%} of its opinions for the longer answer")
    return ["; ".join(parts) + ("" if found["on"] else "; switched off")]


def _used_up(job: dict[str, Any]) -> list[str]:
    """A line on the strata that ran out of combinations, and what became of their share."""
    strata = job.get("strata", {})
    too_few = {
        name: planned for name, planned in strata.items() if planned["exhausted"] and planned["weight"]
    }
    moved = -sum(planned["moved"] for planned in too_few.values() if planned["moved"] < 0)
    if not too_few or not (moved or job["state"] == "exhausted"):
        return []
    sizes: dict[str, list[str]] = {}
    for name in too_few:
        strategy, _, concepts = name.partition(":")
        sizes.setdefault(strategy, []).append(concepts)
    which = "; ".join(f"{_listed(found)} from {FROM.get(name, name)}" for name, found in sizes.items())
    share = f"; {moved:,} questions combine other numbers of concepts instead" if moved else ""
    return [f"no new combinations are left of these numbers of concepts: {which}{share}"]


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _short(text: str) -> str:
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"
