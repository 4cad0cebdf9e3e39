"""Writes a card: the hub's front matter, and sections that say what is known and what is not."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

from generators.quality import diversity
from generators.quality.rules import personal_data
from generators.steps.language import code_of
from graph.instructions.evidence import Evidence
from graph.instructions.facts import UNKNOWN
from graph.jobs.spent import total
from graph.quality.rules import Calibration, told
from service.cards.counts import OTHERS, PAIRING, TEXT_RULES, Column, kind_of
from service.cards.files import configs
from service.cards.known import Known

ROWS = 30
"""Maximum number of rows of a table; the last one says how many more there are."""
SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000)
SIZE_NAMES = ("1K", "10K", "100K", "1M", "10M", "100M", "1B")
# What a release may have been checked for: the beginning of a rule's id, and what it is about.
KINDS = {
    TEXT_RULES: "flaws that rules of words can see",
    "near-duplicates": "near-duplicates of other questions",
    "contamination": "texts of benchmarks",
    "judge-questions": "whether questions are fit to be asked, by a second model",
    "judge-answers": "whether answers are right, by a second model",
    "consensus": "whether several answers agree",
    "refinement": "whether an answer gets better when it is criticised and written again",
}
CITATION = """@misc{li2024synthetic,
  title = {Synthetic Data (Almost) from Scratch: Generalized Instruction Tuning for Language Models},
  author = {Haoran Li and Qingxiu Dong and Zhengyang Tang and Chaojun Wang and Xingxing Zhang and others},
  year = {2024},
  eprint = {2402.13064},
  archivePrefix = {arXiv}
}"""


def written(known: Known) -> str:
    """The whole README.md of a release."""
    sections = (
        _head,
        _use,
        _content,
        _making,
        _refused,
        _checks,
        _diversity,
        _personal,
        _cost,
        _unknown,
        _licence,
    )
    parts = [part for section in sections if (part := section(known).strip())]
    return f"---\n{_front_matter(known)}\n---\n\n" + "\n\n".join(parts) + "\n"


def _front_matter(known: Known) -> str:
    import huggingface_hub

    languages = [code for name, _ in known.counts.columns["language"].ranked() if (code := code_of(name))]
    hub = cast(Any, huggingface_hub)
    data = hub.DatasetCardData(
        pretty_name=known.release.name,
        license=_licence_of(known),
        language=sorted(set(languages)) or None,
        task_categories=["text-generation"],
        size_categories=[_size(known.counts.lines)],
        tags=["synthetic", "instruction-tuning", "glan", "arxiv:2402.13064"],
        configs=configs(known.files),
    )
    return data.to_yaml()


def _size(lines: int) -> str:
    """The hub's name for a number of lines, such as 1K<n<10K."""
    if lines < SIZES[0]:
        return "n<1K"
    if lines >= SIZES[-1]:
        return "n>1B"
    n = next(n for n, size in enumerate(SIZES) if lines < size)
    return f"{SIZE_NAMES[n - 1]}<n<{SIZE_NAMES[n]}"


def _head(known: Known) -> str:
    release, counts = known.release, known.counts
    about = f"{release.description.strip()}\n\n" if release.description.strip() else ""
    return (
        f"# {release.name}\n\n{about}"
        f"{counts.lines:,} instructions, each a question and its answer, on {_plain(release.path)}. "
        "All texts "
        "were written by language models; there is no record of a person having read them. "
        f"{_dates(known)}This card was written by [glan](https://pypi.org/project/glan/) from what "
        "the release "
        "has pinned, and says of everything else that it is not known.\n\n"
        f"- SHA-256 of its lines in the full layout: `{release.sha256}` ({release.bytes:,} bytes)\n"
        f"- released on {release.created_at:%Y-%m-%d}"
    )


def _dates(known: Known) -> str:
    first, last = known.counts.first, known.counts.last
    return f"They were made from {first[:10]} to {last[:10]} (UTC). " if first and last else ""


def _use(known: Known) -> str:
    publication = known.publication
    if publication.repository is None:
        return ""
    named = [config["config_name"] for config in configs(known.files)[1:]]
    fields = f" The config of a field has its instructions alone: {', '.join(f'`{n}`' for n in named)}."
    return (
        "```python\nfrom datasets import load_dataset\n\ndata = "
        f'load_dataset("{publication.repository}")\n```\n\n'
        f"The files are in the layout `{publication.layout}` of glan.{fields if named else ''}"
    )


def _content(known: Known) -> str:
    columns, release = known.counts.columns, known.release
    parts = ["## Content"]
    if release.splits:
        by = release.spec.get("split_by", "syllabus")
        parts.append(
            f"Splits by {by}: what comes from one {by} is in one split, and near-duplicates and "
            "variants that "
            "were known of each other are, too."
        )
        parts.append(_table(("split", "instructions"), [(s, c) for s, c in release.splits.items()]))
    if known.counts.recorded:
        parts.append(_counted("field", columns["field"]))
        disciplines = len(columns["discipline"].counts.keys() - {UNKNOWN})
        parts.append(f"Number of disciplines: {disciplines:,}.")
    parts.append(_counted("stratum (strategy:concepts)", columns["stratum"]))
    parts.append(_counted("language asked for", columns["language"]))
    if columns["dials"].counts:
        parts.append(_counted("dial", columns["dials"]))
    if known.counts.pairs:
        parts += _pairs(known)
    lines = max(1, known.counts.lines)
    lengths = {part: known.counts.characters[part] / lines for part in ("question", "answer")}
    parts.append(
        f"Mean length: {lengths['question']:,.0f} characters of a question, "
        f"{lengths['answer']:,.0f} of an answer."
    )
    return "\n\n".join(parts)


def _pairs(known: Known) -> list[str]:
    """Where the preference pairs come from, if the release has any."""
    counts = known.counts
    told = (
        f"{counts.pairs:,} instructions have a rejected answer beside the one that is kept: preference "
        "pairs, in the layouts `preference` and `preference-messages`."
    )
    rows = [(PAIRING[kind], count) for kind, count in counts.pairs_by.most_common()]
    return [told, _table(("why an answer is the rejected one", "instructions"), rows)] if rows else [told]


def _making(known: Known) -> str:
    columns = known.counts.columns
    parts = [
        "## How it was made",
        "By the method of GLAN ([arXiv 2402.13064](https://arxiv.org/abs/2402.13064)): for each "
        "discipline of a "
        "taxonomy a model lists subjects, for each subject it writes a syllabus of class sessions and key "
        "concepts, and for each combination of concepts of one session (`single`) or of two (`pair`) "
        "it writes a "
        "question, which is then answered.",
        _counted("model of the questions", columns["question_model"]),
        _counted("model of the answers", columns["answer_model"]),
    ]
    if known.counts.recorded:
        parts += [
            _counted("prompt of the questions", columns["question_prompt"]),
            _counted("prompt of the answers", columns["answer_prompt"]),
        ]
    else:
        parts.append(_listed("Prompts", known.release.prompts))
    selection = {k: v for k, v in known.release.spec.items() if k not in ("node_id", "splits", "split_by")}
    if selection:
        chosen = ", ".join(f"{name} {_plain(str(value))}" for name, value in selection.items())
        parts.append(f"Selected by: {chosen}.")
    return "\n\n".join([*parts, f"```bibtex\n{CITATION}\n```"])


def _refused(known: Known) -> str:
    evidence = known.evidence
    title = "## What was left out"
    if evidence is None:
        return f"{title}\n\nNot recorded: the release was made by an earlier version of glan."
    if not evidence.refused:
        return f"{title}\n\nNothing: every instruction of the selection was accepted."
    rows = [(f"{r.status}{f': {_plain(r.reason)}' if r.reason else ''}", r.count) for r in evidence.refused]
    return (
        f"{title}\n\nInstructions of the same selection that were not accepted when the release was made:\n\n"
        + _table(("status and reason", "instructions"), rows)
    )


def _checks(known: Known) -> str:
    counts, evidence = known.counts, known.evidence
    parts = ["## Checks"]
    checked = counts.columns["checked"]
    if checked.counts:
        parts.append("Rules that instructions were checked by, and passed or were flagged by:")
        parts.append(_counted("rule", checked))
        if counts.unchecked:
            parts.append(f"{counts.unchecked:,} instructions were checked by none.")
        if counts.columns["flags"].counts:
            parts.append(
                "Rules that found something in instructions and were not sure enough to reject them:"
            )
            parts.append(_counted("rule that flagged", counts.columns["flags"]))
        parts += [_rules(known), _unread(known)]
    else:
        parts.append("Not checked: no rule is recorded for any instruction.")
    missing = [
        f"{what} ({count:,} of {counts.lines:,} checked)" if count else what
        for kind, what in KINDS.items()
        if (count := counts.columns["kind_of_check"].counts[kind]) < counts.lines
    ]
    parts.append(_listed("Not checked, or not all of it", missing))
    if evidence and evidence.benchmarks:
        rows = [
            (b.name, b.version or "", b.licence or "", b.items or "", f"`{(b.sha256 or '')[:16]}`")
            for b in evidence.benchmarks
        ]
        parts.append(
            "Benchmarks that were loaded when the release was made, and the only ones it can have "
            "been checked against:"
        )
        parts.append(_table(("benchmark", "version", "licence", "items", "SHA-256"), rows))
    else:
        parts.append("No benchmark was loaded, so there was none to check against.")
    parts += [_judges(evidence), _refining(evidence)]
    return "\n\n".join(part for part in parts if part)


def _judges(evidence: Evidence | None) -> str:
    """The judges with what they were tried on; nothing where none judged."""
    if evidence is None or evidence.judges is None:
        return "Whether a judge decided is not recorded: the release was made by an earlier version of glan."
    if not evidence.judges:
        return ""
    rows = [
        (
            f"{j.model}, {j.rule}",
            f"{j.caught} of {j.bad}",
            f"{j.kept} of {j.good}",
            *(j.accept, j.revise, j.reject, j.unjudged, j.applied),
        )
        for j in evidence.judges
    ]
    return (
        "Judges of the jobs that made these instructions, with all that they judged there. The samples are "
        "those whose verdict is known; verdicts that did not apply, because the judge had not yet been right "
        "about enough of the samples, changed nothing.\n\n"
        + _table(
            (
                *("judge", "bad samples rejected", "good samples kept"),
                *("accept", "revise", "reject", "unjudged", "verdicts that applied"),
            ),
            rows,
        )
    )


def _refining(evidence: Evidence | None) -> str:
    """What refining did for the answers, and how far its judge can be believed."""
    found = evidence and evidence.refinement
    if not found:
        return ""
    longer = found.longer
    of_longer = "" if longer is None else f" {longer:.0%} of its opinions were for the longer answer."
    return (
        f"In the jobs that made these instructions {found.critiques:,} answers were criticised, and "
        f"{found.unchanged:,} of them left as they were. Of the ones written again a judge compared "
        f"{found.compared:,} with what they were made from, in both orders: {found.won:,} were better, "
        f"{found.lost:,} worse, {found.tied:,} as good, and {found.inconsistent:,} got another opinion in "
        f"the other order.{of_longer}"
    )


def _rules(known: Known) -> str:
    """The settings of the rules that lines were checked by, and how they did on pairs that are known."""
    used = known.counts.columns["checked"].counts
    rules = [rule for rule in (known.evidence.rules if known.evidence else []) if rule.id in used]
    if not rules:
        return ""
    rows = [(f"`{rule.id}`", _plain(told(rule.settings)), _calibration(rule.calibration)) for rule in rules]
    return "What these rules go by:\n\n" + _table(("id of the rule", "settings", "calibration"), rows)


def _unread(known: Known) -> str:
    """In which languages the rules for texts had no words to go by."""
    used = known.counts.columns["checked"].counts
    pinned = known.evidence.rules if known.evidence else []
    read: set[str] = {
        code
        for rule in pinned
        if rule.id in used and kind_of(rule.id) == TEXT_RULES
        for codes in rule.settings["rules"].values()
        for code in codes
    }
    if not read:
        return ""
    asked = known.counts.columns["language"].ranked()
    codes = {name: code_of(name) for name, _ in asked}
    unread = [f"{name} ({count:,} instructions)" for name, count in asked if codes[name] not in {None, *read}]
    if not unread:
        return ""
    return (
        f"Rules for texts that go by words have none of {', '.join(unread)}: that they found nothing there "
        "says nothing."
    )


def _calibration(found: Calibration | None) -> str:
    if found is None:
        return "not recorded"
    recall = "" if found.recall is None else f"finds {found.recall:.1%} of known duplicates; "
    return (
        f"{recall}{found.false_alarms:,} false alarms on {found.different:,} pairs of different questions, "
        f"at most {found.upper:.2%} with 95 % confidence ({found.at:%Y-%m-%d})"
    )


def _diversity(known: Known) -> str:
    found = known.figures
    rows = [
        ("Vendi score", f"{found['vendi']:.1f}"),
        *((f"distinct-{n}", f"{found[f'distinct_{n}']:.3f}") for n in (1, 2, 3)),
        ("unique openings", f"{found['unique_openings']:.1%}"),
    ]
    return (
        f"## Diversity\n\nOf a fixed sample of {found['sample']:,} questions (`{diversity.RULE}`), by words; "
        "openings are the first three.\n\n" + _table(("figure", "value"), rows)
    )


def _personal(known: Known) -> str:
    counts = known.counts
    title = f"## Personal data\n\nBy form and check digits (`{personal_data.RULE}`) "
    if not counts.with_personal:
        return f"{title}none was found. Names and postal addresses are not looked for."
    return (
        f"{title}something was found in {counts.with_personal:,} instructions. It is flagged and not "
        "removed, may "
        "be made up, and names and postal addresses are not looked for.\n\n"
        + _table(("kind", "instructions"), sorted(counts.personal.items()))
    )


def _cost(known: Known) -> str:
    counts, evidence = known.counts, known.evidence
    text = (
        f"## Cost\n\nThese instructions took {counts.calls:,} calls and {counts.tokens:,} tokens, "
        f"for {_usd(counts.usd, counts.unpriced, counts.lines)}."
    )
    if evidence and evidence.refused:
        count = sum(refusal.count for refusal in evidence.refused)
        usd = _usd(evidence.refused_usd, evidence.refused_unpriced, count)
        text += f" What was left out cost {usd} beside that."
    if evidence and evidence.judges:
        spent = total(judge.spent for judge in evidence.judges)
        usd = _usd(spent.usd or 0.0, spent.usd is None, 1)
        text += f" The judges took {spent.calls:,} calls and {spent.tokens:,} tokens, for {usd}."
    if evidence and evidence.refinement:
        spent = evidence.refinement.spent
        usd = _usd(spent.usd or 0.0, spent.usd is None, 1)
        text += f" Refining took {spent.calls:,} calls and {spent.tokens:,} tokens, for {usd}."
    return text + " Subjects and syllabi are not counted."


def _usd(usd: float, unpriced: int, count: int) -> str:
    if unpriced >= count:
        return "a price that is not known"
    return f"{usd:,.2f} USD" + (f", without {unpriced:,} whose price is not known" if unpriced else "")


def _unknown(known: Known) -> str:
    return "## What is not known\n\n" + "\n".join(
        f"- {line}"
        for line in (
            "Whether the answers are right, beyond the rules above. Models are wrong most where "
            "their training "
            "data is thin, and do not say so.",
            "Which views and omissions of their models the texts repeat.",
            "Whether texts repeat protected works, or the models' terms restrict what their output "
            "may be used "
            "for: ask the providers of the models above.",
        )
    )


def _licence(known: Known) -> str:
    licence = _licence_of(known)
    said = f"As given by its author: {_plain(licence)}." if licence else "None was given by its author."
    return f"## Licence\n\n{said}"


def _licence_of(known: Known) -> str | None:
    return known.publication.licence or known.release.licence


def _counted(title: str, column: Column) -> str:
    """A table of a column's values, the most frequent first."""
    ranked = column.ranked()
    rows: list[tuple[str, int]] = ranked if len(ranked) <= ROWS else ranked[: ROWS - 1]
    rest = sum(count for _, count in ranked[len(rows) :])
    if rest:
        rows = [*rows, (f"{len(ranked) - len(rows):,} {OTHERS}", rest)]
    return _table((title, "instructions"), rows)


def _listed(title: str, items: Sequence[str]) -> str:
    return f"{title}: {', '.join(map(_plain, items))}." if items else ""


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [[*columns], ["---", *["---:"] * (len(columns) - 1)]]
    lines += [[f"{cell:,}" if isinstance(cell, int) else _plain(str(cell)) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(text: str) -> str:
    """A text in one line of Markdown, in which it means nothing but itself."""
    if re.fullmatch(r"`[^`\n]*`", text):
        return text
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", " ".join(text.split()))
