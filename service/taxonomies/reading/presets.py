"""Well-known classifications: how a table of each is recognised, and what is particular about it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from service.taxonomies.reading.tables import Row, Table, plain

CIP_CODE = re.compile(r"\d\d(?:\.\d\d(?:\d\d)?)?")
MSC_CODE = re.compile(r"\d\d(?:-XX|-\d\d|[A-Z]xx|[A-Z]\d\d)")
ANZSRC_CODE = re.compile(r"\d{2}(?:\d{2}(?:\d{2})?)?")
ISCED_LEVELS = {"broad", "narrow", "detailed"}
ENOUGH = 0.9


def _as_it_is(text: str) -> str:
    return text


@dataclass(frozen=True)
class Preset:
    """What is particular about tables of one classification."""

    name: str = ""
    said: str = ""
    """What a user is told of it."""
    levels: tuple[int, ...] = ()
    label: Callable[[str], str] = _as_it_is
    """The name in a label."""
    pillars: dict[str, str] = field(default_factory=dict[str, str])
    """Columns of types: the name of the field under which concepts of each type stand."""


def _without_full_stop(text: str) -> str:
    return text[:-1] if text.endswith(".") and not text.endswith(("..", "etc.")) else text


PLAIN = Preset()
CIP = Preset(
    "CIP",
    "codes of 2, 5 and 7 characters; names without the full stop at their end; deleted and moved codes are "
    "deprecated, reserved ones left out",
    (2, 5, 7),
    _without_full_stop,
)
ISCED = Preset("ISCED-F", "codes of 2, 3 and 4 digits", (2, 3, 4))
ANZSRC = Preset("ANZSRC", "codes of 2, 4 and 6 digits", (2, 4, 6))
MSC = Preset("MSC2020", "two digits, two digits and a letter, five characters; names without the $ of LaTeX")
ESCO = Preset(
    "ESCO",
    "alternative labels by lines; occupations, skills and the like are fields",
    pillars={
        "Occupation": "Occupations",
        "ISCOGroup": "Occupations",
        "KnowledgeSkillCompetence": "Skills",
        "SkillGroup": "Skills",
        "Qualification": "Qualifications",
    },
)


def preset_of(table: Table, sample: list[Row]) -> Preset:
    """The preset for a table whose first rows are the sample; PLAIN if none fits."""
    names = {plain(name) for name in table.header}
    codes = [row.get(table.column("code"), "") for row in sample]
    if {"concepturi"} <= names and names & {"preferredlabel", "broaderuri"}:
        return ESCO
    if {"cipcode", "ciptitle"} <= names or ("cipfamily" in names and _fits(CIP_CODE, codes)):
        return CIP
    levels = {row.get(table.column("level"), "").lower() for row in sample}
    if levels and levels <= ISCED_LEVELS:
        return ISCED
    if _fits(MSC_CODE, codes):
        return MSC
    if any("anzsrc" in name or name in ("forcode", "seocode") for name in names) and _fits(
        ANZSRC_CODE, codes
    ):
        return ANZSRC
    return PLAIN


def _fits(pattern: re.Pattern[str], codes: list[str]) -> bool:
    given = [code for code in codes if code]
    return bool(given) and sum(bool(pattern.fullmatch(code)) for code in given) >= ENOUGH * len(given)
