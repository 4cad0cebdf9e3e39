"""The report of a test run as text, as Markdown, and as a picture (SVG) of its fields."""

from collections.abc import Callable, Sequence
from html import escape

from generators.running.evaluating.test_report import METHOD, Line, Report

WIDTH, LABEL, BAR, ROW, FIGURES = 860, 240, 400, 26, 200
COLOURS = (("wins", "#2a7f62"), ("ties", "#c9c9c9"), ("inconsistent", "#e3b04b"), ("losses", "#b5473c"))
COLUMNS = ("questions", "wins", "ties", "inconsistent", "losses", "errors", "score", "95 % interval")


def cells(line: Line) -> list[str]:
    """The figures of a line, in the order of COLUMNS."""
    counts = (line.questions, line.wins, line.ties, line.inconsistent, line.losses, line.errors)
    span = "" if line.low is None or line.high is None else f"{line.low:.3f} to {line.high:.3f}"
    return [*(f"{count:,}" for count in counts), "" if line.score is None else f"{line.score:.3f}", span]


def text(report: Report) -> str:
    """The report as plain text, in columns."""
    rows = [["", *COLUMNS], *_rows(report, lambda name: f"  {name}")]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    table = [
        row[0].ljust(widths[0])
        + "".join(f"  {cell.rjust(w)}" for cell, w in zip(row[1:], widths[1:], strict=True))
        for row in rows
    ]
    return "\n".join([*_head(report), "", *(line.rstrip() for line in table), "", *_tail(report)]) + "\n"


def markdown(report: Report, picture: str | None = None) -> str:
    """The report as Markdown; `picture`: the address of its picture, null: the picture is in the text."""
    rows = _rows(report, str)
    table = [f"| | {' | '.join(COLUMNS)} |", "|---" + "|---:" * len(COLUMNS) + "|"]
    table += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    shown = f"![Wins, ties and losses by field]({picture})" if picture else svg(report).strip()
    head, *rest = _head(report)
    notes = [f"- {line}" for line in (*rest, *_tail(report))]
    return "\n".join([f"# {head}", "", shown, "", *table, "", *notes]) + "\n"


def _rows(report: Report, indented: Callable[[str], str]) -> list[list[str]]:
    rows = [["all", *cells(report.total)]]
    for field in report.fields:
        rows.append([f"**{field.name}**" if indented is str else field.name, *cells(field)])
        rows += [[indented(one.name), *cells(one)] for one in report.disciplines if one.field == field.name]
    return rows


def _head(report: Report) -> list[str]:
    return [
        f"{report.test}: {report.model} against {report.rival}, judged by {report.judge}",
        f"run {report.run} is {report.state}",
    ]


def _tail(report: Report) -> list[str]:
    total = report.total
    shares = (
        ("questions in which the two orders disagree (ties)", report.inconsistent_share),
        ("verdicts for the answer that came first (0.5 is fair)", report.first_share),
        ("verdicts for the longer answer", report.longer_share),
    )
    lines = [f"{name}: {share:.3f}" for name, share in shares if share is not None]
    if total.mark is not None and total.rival_mark is not None:
        lines.append(f"mean marks: {total.mark:.2f} and {total.rival_mark:.2f}")
    spent = report.spent
    usd = "price unknown" if spent.usd is None else f"{spent.usd:.2f} USD"
    lines.append(f"spent by this run: {spent.calls:,} calls, {spent.tokens:,} tokens, {usd}")
    return [*lines, *(f"note: {note}" for note in report.notes), METHOD]


def svg(report: Report) -> str:
    """A bar for each field and one for all: wins, ties and losses, and the score with its interval."""
    lines = [report.total.model_copy(update={"name": "all"}), *report.fields]
    height = ROW * (len(lines) + 2) + 20
    drawn = [_bar(line, ROW * n + 40) for n, line in enumerate(lines)]
    title = escape(f"{report.test}: {report.model} against {report.rival}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">'
        f"<title>{title}</title>"
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
        f'<text x="10" y="22" font-weight="bold">{title}</text>'
        f"{''.join(drawn)}{_legend(ROW * len(lines) + 58)}</svg>\n"
    )


def _bar(line: Line, top: int) -> str:
    judged = line.wins + line.ties + line.inconsistent + line.losses
    name = line.name if len(line.name) <= 34 else line.name[:33] + "…"
    parts = [f'<text x="10" y="{top + 15}">{escape(name)}</text>']
    left = float(LABEL)
    for kind, colour in COLOURS:
        width = BAR * getattr(line, kind) / judged if judged else 0.0
        parts.append(f'<rect x="{left:.1f}" y="{top + 2}" width="{width:.1f}" height="18" fill="{colour}"/>')
        left += width
    if line.score is not None and line.low is not None and line.high is not None:
        ends, middle = [LABEL + BAR * end for end in (line.low, line.high)], top + 11
        parts.append(
            f'<path d="M{ends[0]:.1f} {middle}H{ends[1]:.1f}" stroke="#000000" stroke-width="1.5"/>'
            f'<circle cx="{LABEL + BAR * line.score:.1f}" cy="{middle}" r="3.5"/>'
            f'<text x="{LABEL + BAR + 12}" y="{top + 15}">'
            f"{line.score:.3f} ({line.low:.3f} to {line.high:.3f})</text>"
        )
    return "".join(parts)


def _legend(top: int) -> str:
    parts: list[str] = []
    for n, (kind, colour) in enumerate(COLOURS):
        left = LABEL + 105 * n
        parts.append(
            f'<rect x="{left}" y="{top - 11}" width="12" height="12" fill="{colour}"/>'
            f'<text x="{left + 17}" y="{top}">{kind}</text>'
        )
    return "".join(parts)


def rendered(report: Report) -> dict[str, Callable[[], str]]:
    """The ways in which a report is written, by the format's name."""
    return {
        "text": lambda: text(report),
        "markdown": lambda: markdown(report),
        "svg": lambda: svg(report),
    }


MEDIA: dict[str, str] = {
    "text": "text/plain; charset=utf-8",
    "markdown": "text/markdown; charset=utf-8",
    "svg": "image/svg+xml",
}
FORMATS: Sequence[str] = ("json", *MEDIA)
