"""`glan taxonomy load`: shows what files become, and inserts it through the service."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.options import AsJson, Url
from service.commands.vocabulary import (
    BelowOption,
    Context,
    DeprecatedOption,
    Depth,
    Encoding,
    FieldName,
    FormatOption,
    KeepRedundant,
    Key,
    Lang,
    LeafOption,
    Levels,
    OnCycleOption,
    Schemes,
    Skip,
    TopOption,
    options_of,
)
from service.taxonomies.options import (
    MEANING,
    Below,
    Deprecated,
    Format,
    Leaf,
    LoadedAs,
    Missing,
    OnCycle,
    OnExisting,
    Options,
    Top,
)
from service.terminal.output import FAILED, notes, print_json, say, spinner, waiting

if TYPE_CHECKING:
    from graph.model import Kind
    from graph.taxonomy.streams.import_facts import ImportState, NewImport
    from service.taxonomies.importing import Target
    from service.taxonomies.loading import Loading
    from service.terminal.client import Api
    from service.terminal.import_store import HttpStore

MOST_SHOWN = 20
MOST_EXAMPLES = 3
MOST_IN_JSON = 1000


def load(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...|glan",
            help="Files that are read as one, - for standard input, or `glan`: the paper's taxonomy.",
        ),
    ],
    under: Annotated[
        str | None, typer.Option(metavar="NODE", help="Node (id or path) to put the topmost nodes under.")
    ] = None,
    name: Annotated[str, typer.Option(metavar="NAME", help=MEANING["name"])] = "",
    on_existing: Annotated[
        OnExisting | None,
        typer.Option(
            help=MEANING["on_existing"] + " [default: keep]",
            show_default=False,
        ),
    ] = None,
    missing: Annotated[
        Missing,
        typer.Option(help=MEANING["missing"]),
    ] = Missing.keep,
    as_: Annotated[LoadedAs, typer.Option("--as", help=MEANING["as"])] = LoadedAs.accepted,
    only_check: Annotated[
        bool, typer.Option("--check", help="Show what the file would become, and write nothing.")
    ] = False,
    format_: FormatOption = Format.auto,
    encoding: Encoding = "",
    context: Context = "",
    scheme: Schemes = None,
    top: TopOption = Top.concepts,
    lang: Lang = "",
    leaf: LeafOption = Leaf.discipline,
    depth: Depth = None,
    below: BelowOption = Below.topics,
    field: FieldName = "",
    levels: Levels = "",
    key: Key = None,
    deprecated: DeprecatedOption = Deprecated.skip,
    keep_redundant: KeepRedundant = False,
    on_cycle: OnCycleOption = OnCycle.break_,
    skip: Skip = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Load a taxonomy; loading it twice changes nothing. Nothing is written before all of it was read.

    Vocabularies in Turtle, RDF/XML, JSON-LD, N-Triples, JSKOS, and classifications as tables, all of them
    also compressed.

    CSV with a path per row (columns taxonomy, field, subfield, discipline, subject) is loaded row by row:
    `description` and `weight` belong to the row's last node, other columns become its properties. So is
    NDJSON, one object per line, as POST /v1/nodes:bulk takes it. Bad rows are listed with their lines.
    """
    from service.taxonomies.importing import Target
    from service.taxonomies.loading import has_failed
    from service.terminal.client import connect

    options = options_of(
        format_, encoding, context, scheme, top, lang, leaf, depth, below, field, levels, key, deprecated,
        keep_redundant, on_cycle, skip,
    )  # fmt: skip
    if only_check:
        check_files(sources, options, as_json)
        return
    is_plain = options == Options() and (name, missing, as_) == ("", Missing.keep, LoadedAs.accepted)
    if is_plain and _is_own(sources):
        with connect(url) as api:
            result = load_into(api, sources[0], under, on_existing)
        print_json(result) if as_json else _show(result)
        if has_failed(result):
            raise typer.Exit(FAILED)
        return
    with connect(url) as api:
        target = Target(on_existing or OnExisting.keep, as_, name, _place(api, under))
        failed = _load_plan(api, sources, options, target, missing, as_json)
    if failed:
        raise typer.Exit(FAILED)


def _is_own(sources: list[str]) -> bool:
    """Whether the only file is loaded row by row: `glan`, or a file of glan's own that has no URIs."""
    from service.taxonomies.files import BUILT_IN, is_loaded_by_rows

    return sources == [BUILT_IN] or (len(sources) == 1 and is_loaded_by_rows(sources[0]))


def check_files(sources: list[str], options: Options, as_json: bool) -> None:
    """Shows what files would become; exits with 1 if a fault leaves something out."""
    from service.settings import Settings
    from service.taxonomies.checking import checked, has_failed

    with waiting("reading"), checked(sources, options, Settings().home) as found:
        report = found.report(MOST_IN_JSON if as_json else MOST_EXAMPLES)
    print_json(report) if as_json else _show_plan(report)
    if has_failed(report):
        raise typer.Exit(FAILED)


def _show_plan(report: dict[str, Any]) -> None:
    plan = report["plan"]
    for line in report["notes"]:
        say(line)
    names = [taxonomy["name"] for taxonomy in report["taxonomies"]]
    more = f", and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
    say(f"{len(names)} taxonom{'y' if len(names) == 1 else 'ies'}: {', '.join(names[:MOST_SHOWN])}{more}")
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in plan["kinds"].items())
    keys = ", ".join(f"{key} ({number:,})" for key, number in plan["keys"].items())
    keys = keys if len(plan["keys"]) > 1 else plan["key"]
    say(
        f"concepts: {plan['concepts']:,}; edges: {plan['edges']:,}; levels: {plan['depth']}; {kinds}; "
        f"names in {', '.join(plan['languages'])}; known by their {keys}"
    )
    for reason, number in plan["dropped"].items():
        say(f"left out, {reason}: {number:,}")
    for code, number in report["problems"].items():
        say(f"{code}: {number:,}")
        for example in report["examples"][code]:
            say(f"    {example['uri']}  {example['text']}".rstrip())


def _place(api: "Api", under: str | None) -> "tuple[str, Kind] | None":
    """The id and kind of the node to put things under."""
    from graph.model import Kind

    if not under:
        return None
    node = api.get(f"/v1/nodes/{api.node(under)}")
    return node["id"], Kind(node["kind"])


def _load_plan(
    api: "Api",
    sources: list[str],
    options: Options,
    target: "Target",
    missing: Missing,
    as_json: bool,
) -> bool:
    """Reads, plans, shows the plan and inserts it; returns whether something was left out."""
    from service.settings import Settings
    from service.taxonomies import checking
    from service.taxonomies.inserting.insertion import Insertion
    from service.terminal.import_store import HttpStore

    store = HttpStore(api)
    with checking.checked(sources, options, Settings().home) as found:
        report = found.report(MOST_IN_JSON if as_json else MOST_EXAMPLES)
        if not as_json:
            _show_plan(report)
        insertion = Insertion(store, found, target, missing)
        insertion.prepare()
        with store.beating(), spinner("{task.completed:,} of {task.total:,} nodes") as progress:
            task = progress.add_task("nodes", total=sum(found.plan.kinds.values()))
            insertion.begin(options)
            result = {"id": store.id} | insertion.run(lambda: progress.advance(task))
    print_json(report | {"import": result}) if as_json else _show_import(result)
    return bool(result["errors"]) or checking.has_failed(report)


def _show_import(result: dict[str, Any]) -> None:
    counts: dict[str, int] = result["counts"]
    notes([f"{row['name']} {row['uri']}: {row['error']}" for row in result["errors"]])
    notes([_conflict(row) for row in result["conflicts"]])
    notes(
        [f"not in the file any more: {row['name']} {row['uri']} ({row['what']})" for row in result["missing"]]
    )
    say(
        f"{result['created']:,} created, {result['updated']:,} updated, {result['unchanged']:,} unchanged, "
        f"{result['existing']:,} there already and kept, {result['proposed']:,} proposed, "
        f"{counts['conflicts']:,} conflicts, "
        f"{counts['missing']:,} not in the file any more, {counts['errors']:,} refused"
    )


def _conflict(row: dict[str, Any]) -> str:
    from service.taxonomies.inserting.insertion import conflict

    return f"conflict: {row['name']} ({row['id']}): {conflict(row)}"


def load_into(
    api: "Api", source: str, under: str | None = None, on_existing: OnExisting | None = None
) -> dict[str, Any]:
    """Loads a file row by row; returns the report of service/taxonomies/loading.py."""
    from service.taxonomies import files
    from service.taxonomies.inserting.reporting import ending
    from service.taxonomies.loading import Loading
    from service.terminal.import_store import HttpStore

    top = api.node(under) if under else None
    file = files.read(source, top)
    loading = Loading(file)
    log = HttpStore(api)
    log.begin(_about(source, top, on_existing))
    with (
        ending(lambda state, why: _tell(log, loading, state, why)),
        log.beating(),
        spinner("{task.completed} nodes") as progress,
    ):
        task = progress.add_task("nodes", total=None)
        for line, item, found in _answers(api, iter(file), on_existing, log.id):
            progress.advance(task)
            loading.answered(line, item, found)
    return loading.report()


def _about(source: str, top: str | None, on_existing: OnExisting | None) -> "NewImport":
    """A file that is loaded row by row, as the log of imports has it."""
    from graph.taxonomy.streams.import_facts import LONGEST_FILE, NewImport
    from graph.text import clean_text
    from service.taxonomies import files
    from service.taxonomies.reading.packing import name_of

    path = Path(source)
    format_ = "csv" if path.suffix.lower() in ("", ".csv", ".tsv") else "ndjson"
    options = {"on_existing": on_existing.value} if on_existing else {}
    digest = files.sha256_of(source)
    name = clean_text(name_of(source))[:LONGEST_FILE] or "unnamed"
    return NewImport(file=name, sha256=digest, format=format_, options=options, under=top)


def _tell(log: "HttpStore", loading: "Loading", state: "ImportState", why: str | None) -> None:
    """Says in the log how a file that was loaded row by row ended."""
    from graph.taxonomy.streams.import_facts import Report
    from service.taxonomies.inserting.insertion import COUNTED
    from service.taxonomies.inserting.reporting import keep

    found = loading.report()
    counts = {name: found[name] for name in COUNTED}
    counts |= {name: len(found[name]) for name in ("conflicts", "errors")}
    keep(log, "refused", (("", f"line {row['line']}: {row['error']}") for row in found["errors"]))
    conflicts = ((row.get("uri", ""), _conflict(row)) for row in found["conflicts"])
    keep(log, "conflict", conflicts)
    log.report(Report(state=state, reason=why, into=loading.taxonomies, **counts))


def _answers(
    api: "Api",
    items: Iterator[tuple[int, dict[str, Any]]],
    on_existing: OnExisting | None,
    import_id: str,
) -> Iterator[tuple[int, dict[str, Any], Any]]:
    """Each item with its line and the service's answer; items that are invalid in the file are not sent.

    The file is read as its items are sent, so only one part of it is in memory.
    """
    from service.taxonomies.files import Upper

    waiting: deque[tuple[int, dict[str, Any]]] = deque()
    mode = {"base": True} if on_existing is None else {"on_existing": on_existing}

    def good() -> Iterator[dict[str, Any]]:
        for line, item in items:
            waiting.append((line, item))
            if "error" not in item:
                # A node that a row only passes through is not described there.
                yield item if isinstance(item, Upper) else {**mode, **item}

    for found in api.insert_many(good(), import_id):
        while "error" in waiting[0][1]:
            line, item = waiting.popleft()
            yield line, item, {"status": "error", **item}
        yield *waiting.popleft(), found
    yield from ((line, item, {"status": "error", **item}) for line, item in waiting)


def _show(result: dict[str, Any]) -> None:
    notes([f"line {row['line']}: warning: {row['warning']}" for row in result["warnings"]])
    notes([f"line {row['line']}: {row['error']}" for row in result["errors"]])
    notes([_repeated(row) for row in result["repeated"]])
    notes([f"line {row['line']}: {_conflict(row)}" for row in result["conflicts"]])
    say(
        f"{result['created']} created, {result['existing']} there already, {len(result['errors'])} refused"
        + (f", {result['updated']} updated" if result["updated"] else "")
        + (f", {result['unchanged']} unchanged" if result["unchanged"] else "")
        + (f", {len(result['conflicts'])} conflicts" if result["conflicts"] else "")
        + (f", {len(result['repeated'])} repeated" if result["repeated"] else "")
    )


def _repeated(row: dict[str, Any]) -> str:
    what = "and says otherwise, which is not stored" if row["differs"] else "and says the same"
    return f"line {row['line']}: names the node of line {row['first']} again ({row['name']}), {what}"
