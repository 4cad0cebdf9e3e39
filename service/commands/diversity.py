"""`glan diversity`: how diverse the questions of a subtree are."""

from typing import TYPE_CHECKING, Any

from service.commands.options import (
    AsJson,
    ByModel,
    InLanguage,
    NodeArgument,
    OfJob,
    Since,
    Strategy,
    Url,
)
from service.terminal.frame import answer
from service.terminal.output import say, waiting

if TYPE_CHECKING:
    from service.terminal.client import Api


def diversity(
    node: NodeArgument,
    strategy: Strategy = None,
    since: Since = None,
    job: OfJob = None,
    language: InLanguage = None,
    model: ByModel = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Measure how diverse accepted questions are: distinct n-grams, openings, Vendi score, templates.

    Templates are looked for among all questions; the other figures come from a fixed sample of 1,000, so that
    they can be compared with those of another node, model or day.
    """
    filters = {"strategy": strategy, "since": since, "job_id": job, "language": language, "model": model}

    def ask(api: "Api") -> Any:
        path = f"/v1/nodes/{api.node(node)}/diversity"
        with waiting("reading the questions"):
            return api.get(path, **filters)

    answer(ask, _show, url, as_json)


def _show(found: dict[str, Any]) -> None:
    from service.terminal.tables import print_table

    variants = found["variants"]
    about = "" if variants["exact"] else " (from a sample of the templates)"
    say(f"{found['kind']} {found['name']}: {found['questions']:,} questions")
    print_table(
        ("of all questions", ""),
        [
            ["questions per template", f"{variants['per_template']:.3f}{about}"],
            ["whose template repeats", f"{variants['repeated']:.1%}"],
        ],
    )
    print_table(
        (f"of a sample of {found['sample']:,}", ""),
        [
            ["Vendi score", f"{found['vendi']:.1f}"],
            *([f"distinct-{n}", f"{found[f'distinct_{n}']:.3f}"] for n in (1, 2, 3)),
            ["unique openings", f"{found['unique_openings']:.1%}"],
        ],
    )
    if found["openings"]:
        rows = [[opening["words"], f"{opening['count']:,}"] for opening in found["openings"]]
        print_table(("most frequent openings", "questions"), rows)
    if variants["largest"]:
        rows = [[template["example"], f"{template['count']:,}"] for template in variants["largest"]]
        print_table(("one question of the largest templates", "questions"), rows)
