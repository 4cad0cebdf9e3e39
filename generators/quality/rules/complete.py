"""Whether a question brings what it announces: the options of a choice, data, code, an excerpt."""

import re
from functools import cache

from generators.quality.flaws import Case, Flaw, Rule, any_of, has_any, length
from generators.quality.rules.material_words import MATERIAL, OFFERING, OFFERS
from generators.quality.rules.self_contained import (
    COMPLETE_ID,
    GAPS,
    OPTIONS,
    announces,
    languages,
    uses_data,
)
from graph.reasons import Reason

KNOWN = frozenset(MATERIAL)
OFFER_LANGUAGES = frozenset(OFFERS)
# What stands between options, unlike a part of a name: a mark, or a word for "or".
JOINED = re.compile(
    r"[:;：；\n|•／]|(?<=\w)/(?=\w)|\s[-–—]\s|[,、，،][^.?!。？！؟]*\s(?:or|and|oder|und|ou|et|o|e|y"
    r"|или|и|أو"
    r"|و)\s|[,、，][^。？！]*(?:或|还是|還是|それとも|または|또는|혹은)",
    re.IGNORECASE,
)
# What may be options: two things with a word between them, several with commas, or in quotation marks.
MAY_JOIN = re.compile(
    r"[（(][^)）]*(?:[,、，،]|\bor\b)[^)）]*[)）]|\s(?:or|oder|ou|o|или|lub|veya|أو)\s"
    r"|[,、，،][^,、，،]+[,、，،]"
    r"|[\"“„«「][^\"”»」]+[\"”»」].*[\"“„«「]|、|また|と|또는",
    re.IGNORECASE,
)
# At the beginning of a text: nothing stands before it that could be chosen from.
BACKWARD = re.compile(
    r"(?:which|what|any|one|all|select|choose)(?: one)? of (?:these|those)\b|which (?:option|choice"
    r"|answer choice|answer)\b",
    re.IGNORECASE,
)
# "Choose the best answer: what causes erosion?" lists nothing after its colon.
THEN_ASKS = re.compile(r"^\s*:\s*(?=(?:what|which|how|who|when|where|why)\b)", re.IGNORECASE)
SHORT_LINE = 70
LISTS = re.compile(
    r"\b(?:consider|given|compare|take|there are|here are|suppose|imagine|betrachten|soient|considere"
    r"|dati)\b[^.?!]*"
    r"(?:,[^.?!]*\b(?:and|or|und|oder|et|ou|y|o|e)\b|[:;|])",
    re.IGNORECASE,
)


@cache
def _offers(language: str) -> re.Pattern[str]:
    return any_of(*OFFERS[language])


def offers(case: Case) -> Flaw | None:
    """Whether a question offers a choice and lists nothing to choose from."""
    if (found := BACKWARD.match(case.text)) and (sure := _without_options(case.text, found)) is not None:
        return _no_options(found, sure)
    for code in languages(case.language, OFFER_LANGUAGES):
        if found := next(case.matches(OFFERING[code], _offers(code)), None):
            sure = _without_options(case.text, found)
            if sure is not None:
                return _no_options(found, sure)
    return None


def _no_options(found: re.Match[str], sure: bool) -> Flaw:
    problem = "it offers a choice and lists no options; list them in the question, or ask openly"
    return Flaw(COMPLETE_ID, Reason.incomplete, problem, found.span(), sure)


def _without_options(text: str, found: re.Match[str]) -> bool | None:
    """Whether there are surely no options (True), perhaps none (False), or some (None)."""
    if OPTIONS.search(text):
        return None
    behind = THEN_ASKS.sub("", text[found.end() :].strip(" 、,.?!。？！؟।"))
    if JOINED.search(behind):
        return None
    before = text[: found.start()]
    return not (MAY_JOIN.search(behind) or _may_list(before))


def _may_list(before: str) -> bool:
    """Whether what stands before an offer may be what is chosen from."""
    lines = before.strip().split("\n")
    short = sum(0 < len(line) <= SHORT_LINE for line in lines[1:])
    return LISTS.search(before) is not None or short > 1 or (":" in before and length(before) > 3)


TO_FILL = re.compile(
    r"\bfill in the (?:blanks?|gaps?)\b"
    r"|\b(?:complete|finish) (?:the|this|each) (?:sentences?|paragraph|dialogue|conversation)\b",
    re.IGNORECASE,
)
FILLABLE = re.compile(rf"{GAPS}|[\"“‘'][^\"”’']{{8,}}|[:：]\s*\w+\W+\w|\n")
TO_MATCH = re.compile(
    r"\bmatch (?:each|every|the)(?: [\w-]+){1,3} (?:with|to) (?:its|their|the|each)(?: [\w-]+){1,3}",
    re.IGNORECASE,
)
LISTED = re.compile(r"[:;：；\n]|,[^,]+,")
FEWEST_BEFORE = 6
"""Words before a gap to fill that may be what has the gap."""


def unfilled(case: Case) -> Flaw | None:
    """Whether a question asks to fill gaps or to match things, and has none."""
    if has_any(case.plain, ("fill in", "complete", "finish")) and (found := TO_FILL.search(case.text)):
        others = case.text[: found.start()] + case.text[found.end() :]
        if not FILLABLE.search(others) and length(case.text[: found.start()]) < FEWEST_BEFORE:
            return _nothing_there(found, "gaps to fill")
    found = TO_MATCH.search(case.text) if "match" in case.plain else None
    if found and not LISTED.search(case.text) and not OPTIONS.search(case.text):
        return _nothing_there(found, "things to match")
    return None


def _nothing_there(found: re.Match[str], what: str) -> Flaw:
    problem = f"it speaks of {what} and has none; give them in the question"
    return Flaw(COMPLETE_ID, Reason.incomplete, problem, found.span(), True)


def incomplete(case: Case) -> Flaw | None:
    """Whether a question announces what it does not bring: sure signs first."""
    offered = offers(case) or unfilled(case)
    if offered and offered.sure:
        return offered
    announced = announces(case) or uses_data(case)
    return announced if announced and (announced.sure or not offered) else offered


RULES = (Rule(COMPLETE_ID, incomplete, KNOWN),)
