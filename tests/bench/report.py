"""Runs the benchmarks and writes docs/benchmarks.md, as `make bench` does.

Run: python tests/bench/report.py [--only generation,429] [--quick]. Sections that are not run stay unchanged.
With --quick, the sizes are small and nothing is written. Exits with 1 if a goal of a section that was run is
missed by more than its noise (goals.py).
"""

import argparse
import inspect
import os
import platform
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import goals, machine
from bench.page import PAGE, Row, sections, table

PACKAGES = ("openai", "aiohttp", "neo4j", "neo4j-rust-ext", "pydantic")


@dataclass(frozen=True)
class Section:
    """A section of the page: the module and function that measure it, and a text about its table."""

    name: str
    title: str
    module: str
    text: str
    function: str = "measure"
    target: str = ""
    """The make target, if it is not one of the sections of `make bench`."""

    @property
    def command(self) -> str:
        """What measures it."""
        return f"make {self.target}" if self.target else f'make bench ARGS="--only {self.name}"'

    def measure(self, quick: bool) -> list[Row]:
        """Runs the benchmark and returns its rows; progress goes to standard error."""
        measure: Callable[..., list[Row]] = getattr(import_module(f"bench.{self.module}"), self.function)
        takes = inspect.signature(measure).parameters
        options: dict[str, Any] = {"quick": quick, "say": self.say}
        return measure(**{name: value for name, value in options.items() if name in takes})

    def say(self, text: str) -> None:
        """Prints a line of progress to standard error."""
        print(f"{self.name}: {text}", file=sys.stderr, flush=True)


SECTIONS = (
    Section(
        "generation",
        "Generation",
        "bench_generation",
        "A job of so many instructions, two calls each (a question of a 6,000-character prompt with a "
        "JSON schema, its answer), against a local endpoint that answers at once, 32 in flight. The bare "
        "loops make the same calls under a semaphore and write nothing; glan is timed from the creation "
        "of the job until it is done, every instruction and link committed to the embedded Neo4j. Each "
        "run has a process of its own, and a warm-up of 200 samples that is not counted; loops take "
        "turns, and each figure is the median of five rounds at 1,000 samples and of one at 20,000. "
        "The ratio divides samples a second by those of the bare SDK loop of the same size. After each "
        "round the server's count must show every call made once. CPU is user + system of the generating "
        "process; Neo4j and the endpoint share the machine, so their CPU is in the elapsed time. A Neo4j "
        "that has just started spends most of its CPU on compiling: its first job is a row of its own, "
        "and the large size is run before the small one. Without checks nothing is looked for in questions "
        "and answers (`--skip-check`).",
    ),
    Section(
        "profile",
        "Where Neo4j's time goes",
        "bench_profile",
        "Generation as above, 1,000 samples after a warm-up of 200, which is counted here: the CPU of "
        "Neo4j's threads by what they do. Two cores are shared by queries, compiling, glan and the "
        "endpoint, so what is compiled is missing from the rate; with more cores it is not. Queries are "
        "slow, too, as long as they are interpreted and planned for the first time. Tried against it: one "
        "query a batch in place of three, planned once whatever its size (docs/decisions/0014), which is "
        "in these figures; and, by `JAVA_TOOL_OPTIONS`, the quick compiler alone "
        "(`-XX:TieredStopAtLevel=1`), with which little is compiled and every query stays slow.",
    ),
    Section(
        "sample",
        "Where a sample's time goes",
        "bench_sample",
        "What one sample takes, of 2,000 as above, in a worker that has just started and loads what tells "
        "languages for half a second. The worker's CPU goes to what its threads are doing whenever it has "
        "spent some more of it; that of Neo4j for statements in the shares of what its threads were seen "
        "doing by a recording of its virtual machine, every 10 ms. Both slow what they look at by some "
        "percent. Statements and transactions are awaited side by side. All statements are interpreted: the "
        "Community Edition has no compiled runtime.",
    ),
    Section(
        "calls",
        "One call",
        "bench_calls",
        "A chat request with a prompt of 6,000 characters, 32 in flight, 5,000 times; the best of three "
        "rounds in turns. What is above aiohttp is the openai client's handling of request and reply.",
    ),
    Section(
        "commands",
        "Commands",
        "bench_commands",
        "CPU (user and system) of a command that only reads, through a running service and with one of its "
        "own on a Neo4j that runs; medians of nine rounds in turns with Python importing httpx.",
    ),
    Section(
        "429",
        "429s",
        "bench_faults",
        "1,000 samples with one request in ten refused with 429 and Retry-After: 1, beside runs without, "
        "on a Neo4j that has made 10,000 samples; medians over runs with other seeds. `is let in`: who "
        "comes back at the named time is not refused again, as with a rate limit; `by chance again`: one "
        "retry in ten is refused as well. The server notes when each body may come again: `sent too "
        "early` counts those that came before, and the hastiest retry is the smallest distance to that "
        "moment. A sample whose calls are refused several times in a row has to wait for all of them, "
        "whatever the client does: that sum is what the server asked of its unluckiest sample, and no "
        "client that obeys finishes sooner.",
        "measure_429",
    ),
    Section(
        "faults",
        "Faults",
        "bench_faults",
        "150 samples against an endpoint with faults, 32 in flight, read time-out one second. It adds up "
        "when requested = delivered + those with a reason + those still to do, and every one that was not "
        "delivered has its reason.",
        "measure_faults",
    ),
    Section(
        "kill",
        "kill -9",
        "bench_kill",
        "One job of 1,000 samples whose process is killed 20 times at random moments and each time taken "
        "over by another; replies take 0.2 to 0.3 s, 32 calls may be in flight. In flight is what was sent "
        "and is not in the graph: on the way, at the server, or read and about to be committed. Calls paid "
        "for twice: requests whose body the server had taken before and would bill again, whether or not "
        "the first reply had arrived. Duplicates are instructions of the same combination; lost ones were "
        "in the graph at some kill and are not at the end.",
    ),
    Section(
        "restart",
        "kill -9 of Neo4j",
        "bench_restart",
        "Eight clients insert through one service while its embedded Neo4j is killed; the time until a "
        "client that reads gets its next answer, and the time of a clean start of the same folder in the "
        "same round, from the command to the first answer; and of one whose Java finds no archive of Neo4j's "
        "classes (docs/decisions/0050).",
    ),
    Section(
        "edits",
        "Edits beside a job",
        "bench_edits",
        "Edits below a discipline in which a job writes full batches without a pause, faster than any "
        "endpoint allows: the wait of each edit, and its ratio to the time of one batch in the same run, "
        "because an edit has to wait for the batch that is being written.",
    ),
    Section(
        "plan",
        "Planning",
        "bench_plan",
        "A plan of ten million instructions over a graph of GLAN's shape: 126 disciplines, 18,900 "
        "syllabi of "
        "20 sessions with 5 concepts each, every unit stored and no call made. Peak MB is that of the "
        "planning process; Neo4j has its default 512 MB of heap and 256 MB of page cache. Then, in one "
        "discipline, as many instructions of one concept each as there are concepts: how many concepts the "
        "quotas cover, beside a draw with replacement.",
    ),
    Section(
        "insert",
        "Insertion",
        "bench_insert",
        "Disciplines of GLAN's shape, 20,099 lines each (150 subjects, 150 syllabi, 3,000 sessions, 15,000 "
        "concepts and 1,798 further links), streamed to the service, and written by the raw driver with "
        "`UNWIND` and `MERGE` into the same database, 2,000 rows a transaction both, in turns; medians "
        "over "
        "twenty disciplines after ten in which Neo4j compiles, that of the ratio, too. The raw driver "
        "knows "
        "the ids and keys of all nodes beforehand, and writes; the service reads JSON, checks it, "
        "finds what "
        "each line names as its parent, locks that against edits, keeps names unique in a discipline, "
        "records the edit and answers a line for each.",
    ),
    Section(
        "million",
        "A million lines in one request",
        "bench_insert",
        "Fifty disciplines of GLAN's shape in one request to `POST /v1/nodes:bulk`, sent as fast as the "
        "service takes it, the answer read at once: memory of the sending process, of the service and of "
        "Neo4j before it, and at most while it lasts.",
        function="million",
    ),
    Section(
        "pull",
        "Pulling",
        "bench_pull",
        "100,000 instructions of 1.6 kB below a discipline of GLAN's shape, every fourth drawn from two "
        "sessions, pulled over HTTP by a client that counts lines, beside the raw asynchronous driver that "
        "streams the same fields of the same instructions in one query and does no more; in turns, medians "
        "of three rounds. Driver, client, service and Neo4j share the machine. Memory is that of the "
        "process "
        "that pulls, at its peak, and that of the service afterwards: with a tenth of the rows / with all.",
    ),
    Section(
        "service",
        "The service under load",
        "bench_service",
        "200 clients that read and 20 that write, each as fast as it is answered, for a minute: the "
        "service "
        "in a process of its own, all clients in another, Neo4j in a third, on the same cores. All insert "
        "below one discipline, and take turns there. Times are those of the clients, so that with 220 of "
        "them at once most is waiting for a turn. Then the readers alone for half a minute, and the same "
        "reads by the bare driver in the clients' process, 200 tasks on its 100 connections: the ratio "
        "divides the numbers of reads. Any error ends the benchmark; there was none.",
    ),
    Section(
        "prompts",
        "Prompts",
        "bench_prompts",
        "What a model writes for five disciplines: a list of subjects, and for one subject each a syllabus "
        "of at most four sessions with about four concepts and questions on combinations of them, sampled "
        "as `glan demo` does. From the prompt: a title or concept that is one of the prompt's own quoted "
        "examples. Not in the text: one with a word that does not stand in the free text of the syllabus, "
        "by the first five letters of the words. Refer to what is not there: `session 2`, `as discussed`, "
        "`the syllabus`. Options missing: `which of the following` without any. These rules are the "
        "benchmark's own, and plainer than those by which glan drops names. `GLAN_BENCH_MODEL` names "
        "another model, the path of a `.gguf` file; `GLAN_BENCH_KEPT` files that earlier runs kept "
        "(`python "
        "tests/bench/bench_prompts.py --save FILE`), for rows of other prompts: their labels are the names "
        "of the files.",
    ),
    Section(
        "texts",
        "Rules for texts",
        "bench_text_rules",
        "What the rules for questions and answers find in texts of people (false alarms), and in flaws "
        "planted "
        "into such texts by templates (share: recall). Only sure signs reject. Items of MMLU have lettered "
        "options behind them, because they are stored without any. The templates in other words were "
        "written "
        "after the rules; the rules were then widened to what was missed (decision 0032 has the "
        "figures of the "
        "first look). Good answers are those of the tests, in eleven languages, and those of the "
        "folder. CPU "
        "depends on the length: a question of GSM8K has some 235 characters, one of MMLU 430 and the "
        "options. "
        "`GLAN_BENCH_TEXTS` is the folder with the texts.",
    ),
    Section(
        "draws",
        "Draws",
        "bench_draws",
        "Draws a second from a syllabus of 20 sessions with 5 concepts each, stratum by stratum: a keyed "
        "permutation of the positions and their unranking, beside `random.sample`, which repeats itself.",
    ),
    Section(
        "vocabularies",
        "Vocabularies",
        "bench_vocabulary_load",
        "463,254 made headings, as many as the Library of Congress has, with URIs, alternative labels and "
        "broader headings, by `glan taxonomy load` in a process of its own, beside plain items without URIs "
        "by `POST /v1/nodes:bulk`, and beside the nodes of the plan, which is made before the clock runs, "
        "sent there item by item; all into one Neo4j through one service. Then the same file once more, with "
        "nothing to change; then reads, each once, of each taxonomy. A load reads and plans the whole file "
        "before it inserts anything.",
    ),
    Section(
        "exports",
        "Vocabularies out",
        "bench_export",
        "20,000 made headings written in each format, without the time that the graph takes to return them.",
    ),
    Section(
        "diffs",
        "Vocabularies compared",
        "bench_diff",
        "463,254 made headings and a copy in which one statement of a thousand is missing and one label of a "
        "thousand differs, compared by `glan taxonomy diff`, beside `glan taxonomy check` of each of them. "
        "Each run has a process of its own; CPU is user + system.",
    ),
    Section(
        "duplicates",
        "Duplicates of a taxonomy",
        "bench_duplicates",
        "50,000 made names of nine vocabularies, compared across them as `glan taxonomy duplicates --across` "
        "compares them, without the time that the graph takes to return them. One name in ten is another "
        "one's, disguised by order, number, accents, hyphens, a doubled letter, or as an alternative name. "
        "The limit compares 2,000 of the names with all, times 12.5; beside it: how many of the pairs that "
        "this finds and that nothing tells apart are found.",
    ),
    Section(
        "rounds",
        "Votes",
        "bench_rounds",
        "A round over 20,000 proposed nodes, five votes on each, loaded as from a CSV. The bare driver "
        "creates as many nodes as there are votes, each linked to one that is there, and sets a status and "
        "creates a record on as many nodes as are decided about, in transactions of the same size. Closing "
        "reads all votes, counts from the top down, and changes each node as an edit with its figures, its "
        "seal and its proposals, in batches that can be continued.",
    ),
)

# Measured by bench_scale.py with a separate make target, because loading takes longer than all the others.
SCALE = Section(
    "scale",
    "At scale",
    "bench_scale",
    "Nodes go in by `POST /v1/nodes:bulk`, sent and received at once; instructions by the plan, units and "
    "transactions of a job, with texts made up. The raw driver writes the same rows and links by `UNWIND` "
    "and `MERGE` into the same database, turn by turn, and what it wrote is taken away again; it pulls the "
    "same rows with a query that knows the shape. Rates and ratios are medians over ten rounds in "
    "which both "
    "took their turn, a further discipline or 5,000 instructions each, after two that are left out. The "
    "service is a process of its own; it, Neo4j and the measuring process share the machine. Raw results, "
    "with every plan's figures: [benchmarks-scale.json](benchmarks-scale.json).",
)
# Measured with another number of instructions than the scale implies.
WHOLE = Section(
    "whole",
    "The whole taxonomy",
    "bench_scale",
    "As above, with all 126 disciplines of the paper, but not with all its instructions, of which the "
    "store "
    "would be ten times that of the table above: what depends on the size of the taxonomy.",
)
# Measured on benchmarks, whose texts are not part of glan.
CONTAMINATION = Section(
    "contamination",
    "Benchmark items in other texts",
    "bench_contamination",
    "GSM8K, MMLU, HumanEval and BIG-Bench Hard, 31,148 items, in one index: how many of some of them a rule "
    "finds in each form, and how many clean texts it flags: 10,000 questions made from templates, the "
    "paragraphs of Python's manual, and all items of each benchmark against an index of the other three. "
    "Tulu 3, Cosmopedia, open-r1 and lm-evaluation-harness are their rules, written from their descriptions "
    "in plain Python, so their times and memory say little about their own programs. Times are of CPU, on a "
    "machine with other work.",
)
# Measured by bench_peers.py with a separate make target, because it installs them.
PEERS = Section(
    "peers",
    "Peers",
    "bench_peers",
    "1,000 samples of two calls each, a question and its answer, by other generators from PyPI, each in an "
    "environment of its own, beside glan and the bare SDK loop: prompts of the same size, the same endpoint, "
    "32 in flight, in turns, medians of five rounds. The peers write files, and ask for a question as free "
    "text; glan writes its graph, and its Neo4j, which has made 3,000 samples before, shares the machine. "
    "Curator is timed after a warm-up, until the answers are there as rows; its limits of requests and "
    "tokens are set out of the way. distilabel starts the processes of its steps in each run, and that is "
    "timed, too. CPU is that of the generating processes; peak MB is that of the largest of them.",
    target="bench-peers",
)
# Made of the tables of the others.
GOALS = Section(
    "goals",
    "Goals",
    "goals",
    "What the figures below have to reach, by the latest measurement of each, and which of them do; `within "
    "noise`: missed by no more than runs of the same code differ. `make bench` ends with code 1 if a goal "
    "of what it measured is missed; `python tests/bench/goals.py` reads this page and measures nothing.",
)
PAGE_ORDER = (GOALS, *SECTIONS[:1], PEERS, *SECTIONS[1:], SCALE, WHOLE, CONTAMINATION)


def main() -> None:
    """Measures the chosen sections and writes the page."""
    options = arguments()
    chosen = [s for s in SECTIONS if not options.only or s.name in options.only.split(",")]
    for section in chosen:
        text = run(section, options.quick)
        if text and not options.quick:
            write(section, text)
    if not options.quick:
        sys.exit(judge({section.title for section in chosen}))


def judge(titles: set[str]) -> bool:
    """Writes which goals are reached, prints those of some sections; whether one of these is missed."""
    page = PAGE.read_text(encoding="utf-8")
    write(GOALS, f"{GOALS.text}\n\n{goals.table(list(goals.reached(page)))}")
    found = list(goals.reached(page, titles))
    if found:
        print(f"\n## {GOALS.title}\n\n{goals.table(found)}", flush=True)
    return any(one.verdict == "missed" for one in found)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    names = ", ".join(section.name for section in SECTIONS)
    parser.add_argument("--only", help=f"some of {names}, with commas between")
    parser.add_argument("--quick", action="store_true", help="small sizes; writes nothing")
    options = parser.parse_args()
    unknown = set((options.only or "").split(",")) - {"", *(section.name for section in SECTIONS)}
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; there are {names}")
    return options


def run_alone(*names: str) -> None:
    """Measures sections and prints them, as when a bench file is run by itself."""
    for section in SECTIONS:
        if section.name in names:
            run(section, "--quick" in sys.argv)


def run(section: Section, quick: bool) -> str:
    """Measures and prints a section; returns it as Markdown."""
    if not (Path(__file__).parent / f"{section.module}.py").exists():
        section.say("is not there")
        return ""
    started = monotonic()
    rows = section.measure(quick)
    section.say(f"took {monotonic() - started:.0f} s")
    print(f"\n## {section.title}\n\n{table(rows)}", flush=True)
    return dated(f"{section.text}\n\n{table(rows)}", started, section.command)


def dated(text: str, started: float, command: str) -> str:
    """The text followed by when, for how long, by what command and on how fast a machine it was measured."""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    took = f"{monotonic() - started:.0f} s"
    return f"{text}\n\n{now}, {took}, {processor()} ({machine.speed()}): `{command}`"


def write(section: Section, text: str) -> None:
    """Writes a section into the page; the others stay unchanged."""
    kept = sections(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    kept[section.title] = text
    known = [s.title for s in PAGE_ORDER if s.title in kept]
    # Those that other programs have written come last.
    parts = [f"## {title}\n\n{kept[title]}" for title in [*known, *(t for t in kept if t not in known)]]
    page = f"# Benchmarks\n\n{preface()}\n\n" + "\n\n".join(parts) + "\n"
    PAGE.write_text(page, encoding="utf-8")


def preface() -> str:
    """The page's preface: how to measure, and on which machine it was done."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        "Measured by `make bench` (about half an hour; parts by the commands below the tables), written by "
        "`tests/bench/report.py`. Absolute figures differ between machines, and between hours on one; what "
        "counts is a ratio within one run.\n\n"
        f"Machines: {os.cpu_count()} cores, {memory_gib():.0f} GiB, {system()}, Python "
        f"{platform.python_version()}; {packages}; Neo4j Community {_neo4j_version()}, embedded, with "
        f"glan's "
        "default memory settings."
    )


def processor() -> str:
    """The processor's name."""
    found = re.search(r"^model name\s*: (.+)$", _read("/proc/cpuinfo"), re.MULTILINE)
    return found[1] if found else platform.processor() or platform.machine()


def memory_gib() -> float:
    """The machine's memory in GiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def system() -> str:
    """The operating system."""
    found = re.search(r'^PRETTY_NAME="(.+)"$', _read("/etc/os-release"), re.MULTILINE)
    return f"{found[1] if found else platform.system()} ({platform.system()} {platform.release()})"


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8") if Path(path).exists() else ""


def _neo4j_version() -> str:
    from graph.embedded.jar_lock import neo4j_version

    return neo4j_version()


if __name__ == "__main__":
    main()
