"""Whether a question can be read by itself: it refers neither to a course nor to material that is not there.

A word that belongs to the topic (sessions of therapy, of a parliament, of a server) is not a sign, nor is one
that the question has introduced itself: "Ann attends a lecture. What was said in the lecture?".
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from generators.quality.flaws import SENTENCE_END, Case, Flaw, Rule, any_of, has_any, length, quoted
from generators.quality.rules.course_words import COURSE, MORE, Signs
from generators.quality.rules.material_words import MATERIAL, Kind, Pointers
from graph.reasons import Reason

# What is done with material that was looked at: "look at the picture and describe".
THEN_DO = (
    "(?:and|und|et|y|e|и) (?:describe|explain|answer|identify|label|name|find|state|list|discuss|determine"
    "|calculate|compare|interpret|summari[sz]e|classify|count|decide|say|write|tell|give|erklär|beschreib|nenn|beantwort|bestimm"
    "|erläuter|expliqu|décri|répond|indiqu|expli|descri|respond|rispond|spieg|объясн|опиш|ответ)"
)
ARTICLE = "(?:an?|each|every|his|her|their|one|two|three|several)"
ID = "question.self_contained@3"
COMPLETE_ID = "question.complete@3"
# Topics in which such words are what is studied, and not signs.
TOPICS = re.compile(
    r"\b(?:session|sitzung|séance|sesi|sess[iã]|lesson)|syllab|curricul|lehrplan|didact|didakt|pedagog"
    r"|teach|lecture"
    r"|instructional|educat|parliament|congress|senat|legislat|assembl|council|synod|занят|урок|课程|教"
    r"|授業|수업",
    re.IGNORECASE,
)
# Nouns that a question may introduce itself, in English: "a lecture ... in the lecture".
NOUN = re.compile(
    r"\b(session|lesson|lecture|class|course|module|unit|seminar|workshop|tutorial|chapter|textbook"
    r"|reading)",
    re.I,
)


# What of a pattern is not a class such as \W.
IN_WORDS = re.compile(r"(?<!\\)[^\\]+")


class Course(NamedTuple):
    """The compiled signs of one language."""

    words: tuple[str, ...]
    sure: re.Pattern[str] | None
    other: re.Pattern[str] | None


class Pointer(NamedTuple):
    """Words of which one stands in every text that the pattern matches; its group is the kind of material."""

    words: tuple[str, ...]
    pattern: re.Pattern[str]
    likely: re.Pattern[str] | None = None
    """Tried first, as it takes a tenth of the time: in lower case it matches wherever the pattern does."""


class Material(NamedTuple):
    """The compiled pointers of one language."""

    announced: "Pointer"
    placed: "Pointer"
    cited: "Pointer"


@cache
def _course(language: str) -> Course:
    signs: Signs = COURSE.get(language, MORE)
    sure = any_of(*signs.sure) if signs.sure else None
    return Course(signs.words, sure, any_of(*signs.other) if signs.other else None)


@cache
def _material(language: str) -> Material:
    words: Pointers = MATERIAL[language]
    nouns, gap = words.nouns, words.between
    announced, placed, cited = list[str](), list[str](), list[str]()
    article = r"\b(?:the|this|that|these|those)(?: [\w']+){0,2} " if language == "en" else ""
    edge = "" if language in ("zh", "ja", "ko") else r"\b"
    for kind, noun in nouns.items():
        group = f"(?P<{kind}_N>{noun}){edge}"
        if words.next_before:
            announced.append(f"{edge}(?:{words.next_before}){gap}{group.replace('_N', '_1')}")
        if words.next_after:
            announced.append(f"{edge}{group.replace('_N', '_2')} (?:{words.next_after}){edge}")
        if words.place_before:
            placed.append(f"{edge}(?:{words.place_before}){gap}{group.replace('_N', '_3')}")
        placed.append(f"{edge}{article}{group.replace('_N', '_4')}{gap}(?:{words.place_after})")
        if kind in ("text", "figure", "table"):
            cited.append(
                f"{edge}(?:{words.cited}){gap}{group.replace('_N', '_5')}"
                rf"(?= *(?:[,.?!:;，。、؟]|$|{THEN_DO}))"
            )
        if words.shows and kind in ("figure", "table"):
            cited.append(rf"(?:^|(?<=[.?!] ))the {group.replace('_N', '_6')} (?:{words.shows})\b")
    return Material(
        Pointer(words.words, any_of(*announced)),
        Pointer(words.words, any_of(*placed), _likely_placed(words, article)),
        Pointer(words.citing or words.words, any_of(*cited)),
    )


def _likely_placed(words: Pointers, article: str) -> re.Pattern[str]:
    # Neither a boundary nor upper case: what begins with letters is looked for by these.
    noun = f"(?:{'|'.join(words.nouns.values())})"
    before = f"(?:{words.place_before}){words.between}{noun}|" if words.place_before else ""
    after = f"{article}{noun}{words.between}(?:{words.place_after})".removeprefix(r"\b")
    return re.compile(IN_WORDS.sub(lambda found: found[0].lower(), before + after))


def languages(code: str | None, known: frozenset[str]) -> tuple[str, ...]:
    """The languages whose words are looked for: a text's own and English, or all if its own is not known."""
    if code is None or code not in known:
        return tuple(sorted(known))
    return tuple(dict.fromkeys((code, "en")))


KNOWN = frozenset(COURSE)


def refers(case: Case) -> Flaw | None:
    """Whether a question refers to a course, a text, a figure or a table that its reader does not have."""
    found = _refers_to_course(case)
    return found if found and found.sure else _refers_to_numbered(case) or found or _refers_to_material(case)


def _refers_to_course(case: Case) -> Flaw | None:
    other: Flaw | None = None
    codes = languages(case.language, KNOWN)
    for code in (*codes, "") if len(codes) > 2 else codes:
        course = _course(code)
        if not has_any(case.plain, course.words):
            continue
        if TOPICS.search(case.topic):
            return None
        if course.sure and (found := _not_introduced(case, course.words, course.sure)):
            return _missed(case.text, found, sure=True)
        if other is None and course.other and (found := _not_introduced(case, course.words, course.other)):
            other = _missed(case.text, found, sure=False)
    return other


def _not_introduced(case: Case, words: tuple[str, ...], pattern: re.Pattern[str]) -> re.Match[str] | None:
    """The first match whose noun the text has not introduced before it."""
    for found in case.matches(words, pattern):
        noun = NOUN.search(found[0])
        if not (noun and _introduces(case.text[: found.start()], noun[1])):
            return found
    return None


def _introduced(text: str, found: re.Match[str]) -> bool:
    """Whether a text has introduced before what it points to: `draw up a table ... in the table`."""
    noun = next(value for value in found.groupdict().values() if value)
    return text.isascii() and _introduces(text[: found.start()], noun)


def _introduces(before: str, noun: str) -> bool:
    plain, noun = before.lower(), noun.lower().rstrip("s")
    return noun in plain and re.search(rf"\b{ARTICLE} (?:\w+ ){{0,2}}{re.escape(noun)}", plain) is not None


def _missed(text: str, found: re.Match[str], *, sure: bool) -> Flaw:
    problem = f'it says "{quoted(text, found)}", which its reader does not see; name what is meant instead'
    return Flaw(ID, Reason.not_self_contained, problem, found.span(), sure)


def _refers_to_numbered(case: Case) -> Flaw | None:
    """A figure or table with a number, as in a book: `look at Figure 3`. Not sure where a work is named."""
    if not has_any(case.plain, NUMBERED_WORDS):
        return None
    found = next(case.matches(NUMBERED_WORDS, NUMBERED), None)
    text = case.text
    if found is None or MARKUP.search(text) or CAPTION.search(text) or text.count("\n") >= LINES_OF_FIGURE:
        return None
    return _missed(text, found, sure=not NAMED_WORK.search(text))


def _refers_to_material(case: Case) -> Flaw | None:
    """A text, figure or table in a place where nothing is."""
    for kind, found in _pointed_at(case, announced=False):
        if kind in ("text", "figure", "table") and (sure := _lacks(kind, case.text, found)) is not None:
            return _missed(case.text, found, sure=sure)
    return None


# Not sure where there are no figures, for a question may give data in words.
USES_DATA = re.compile(
    r"\b(?:using|use|given|from|based on|with) the (?:(?:given|provided) )?(?:data|figures|values"
    r"|measurements|information)(?: (?:given|provided))?,? (?:to )?"
    r"(?:compute|calculate|find|determine|estimate)\b",
    re.IGNORECASE,
)


DATA_WORDS = tuple(
    f" the {noun}"
    for noun in ("data", "figures", "values", "measurements", "information", "given ", "provided ")
)


def uses_data(case: Case) -> Flaw | None:
    """Whether a question has something computed from data and gives no figure: never sure."""
    found = USES_DATA.search(case.text) if has_any(case.plain, DATA_WORDS) else None
    if found is None or NUMBER.search(case.text) or any(c in case.text for c in "|\n`="):
        return None
    problem = f'it speaks of "{quoted(case.text, found)}" and gives no data; give them in the question'
    return Flaw(COMPLETE_ID, Reason.incomplete, problem, found.span(), False)


def announces(case: Case) -> Flaw | None:
    """Whether a question announces data, code, a formula or an excerpt, and brings none."""
    for announced in (True, False):
        for kind, found in _pointed_at(case, announced=announced):
            if announced and CHOSEN_FROM.search(case.text, max(0, found.start() - 40), found.start()):
                continue
            if not announced and kind in ("text", "figure", "table"):
                continue
            sure = _lacks(kind, case.text, found)
            if sure is not None:
                problem = (
                    f'it announces "{quoted(case.text, found)}" and brings none; give it in the question'
                )
                return Flaw(COMPLETE_ID, Reason.incomplete, problem, found.span(), sure)
    return None


# Two rules ask for the same of a question, one after the other.
@lru_cache(maxsize=4)
def _pointed_at(case: Case, *, announced: bool) -> Sequence[tuple[Kind, re.Match[str]]]:
    """What a question points to."""
    pointed = list[tuple[Kind, re.Match[str]]]()
    for code in languages(case.language, KNOWN):
        material = _material(code)
        for pointer in (material.announced,) if announced else (material.placed, material.cited):
            for found in case.matches(pointer.words, pointer.pattern, pointer.likely):
                if not _introduced(case.text, found):
                    pointed.append((_kind(found), found))
    return pointed


def _kind(found: re.Match[str]) -> Kind:
    name = next(name for name, value in found.groupdict().items() if value)
    return name.rsplit("_", 1)[0]  # pyright: ignore[reportReturnType]


LEADS = re.compile(r"[:：\n|]")
QUOTES = re.compile(r"[\"“„«「『‘'](?=\S)[^\"”“»」』’]{8,}[\"”“»」』’']")
CODE = re.compile(
    r"```|`[^`]+`|\n {2,}\S|\bdef \w|[{};]|[=!<>]=|\w\([^()\n]{0,60}\)|</?\w+>|\bSELECT\b|\w\[\w+\]"
    r"|\+\+"
)
FORMULA = re.compile(r"[=<>≤≥^∫∑√→⇌$]|\\[\(\[a-z]|\d ?[a-z]\b|\b[a-z] ?[+*/-] ?\w\b")
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
# Lines from which on a figure or table may stand in a text.
LINES_OF_FIGURE = 3
_WITH_NUMBER = (
    r"(?:the )?(?:figure|fig\.?|table|diagram|chart|graph|exhibit|image|picture)"
    r" \d{1,3}(?:\.\d{1,2})?[a-d]?\b(?! (?:of|in|from|by)\b|[:(]|[.,]\d)"
)
_SHOWS = (
    r"(?:shows?|depicts?|illustrates?|displays?|lists?|presents?|plots?|tells?|says?|suggests?|indicates?)"
)
NUMBERED = re.compile(
    rf"\b(?:look(?:ing)? (?:closely |again )?at|us(?:e|ing)|consult|study|examine|inspect|interpret"
    rf"|analy[sz]e|describe|explain|refer(?:ring)? to|see|based on|according to|in|from"
    rf"|(?:shown|seen|illustrated|depicted|described|given|listed|plotted) in) {_WITH_NUMBER}"
    rf"|\b(?:what|how) (?:does|do|can|is|are) (?:[\w']+ ){{0,6}}?{_WITH_NUMBER} {_SHOWS}\b"
    rf"|(?:^|(?<=[.?!] )){_WITH_NUMBER} {_SHOWS}\b",
    re.IGNORECASE,
)
NUMBERED_WORDS = tuple(
    f"{noun} "
    for noun in ("figure", "fig", "fig.", "table", "diagram", "chart", "graph", "exhibit", "image", "picture")
)
# Below or above what the text has.
CAPTION = re.compile(r"(?:^|\n)\W*(?:figure|fig\.?|table|diagram|chart|graph) \d+\s*[:.(]", re.IGNORECASE)
NAMED_WORK = re.compile(r"\(\d{4}\)|\b[A-Z]\w+['’]s\b|[\"“„«‘][^\"”»’]{3,}[\"”»’]|\bby [A-Z]")
MARKUP = re.compile(r"!\[|<svg|<img|<path|```|\|.*\|")
# Before "the following programs" it is a choice of them that is offered.
CHOSEN_FROM = re.compile(
    r"\b(?:which|what|one|any|all|each|none|some|two|three|either|both)(?: \w+)? of $|\b(?:among|from) "
    r"$",
    re.IGNORECASE,
)
# Material that may be as short as one sentence.
ONE_SENTENCE = re.compile(
    r"sentence|statement|quot|argument|situation|scenario|satz|aussage|zitat|phrase|citation|oraci|frase"
    r"|cita|предложени|цитат|высказ"
    r"|句|문장|الجملة|العبارة",
    re.IGNORECASE,
)
# Words of the other sentences, from which on they may be the material, before and after the one that points.
ENOUGH_BEFORE, ENOUGH_AFTER, ENOUGH_LED = 20, 8, 2
# A figure cannot stand in a text, but may be described in it.
ENOUGH_OF_FIGURE = 30


def _lacks(kind: Kind, text: str, found: re.Match[str]) -> bool | None:
    """Whether the material is missing for sure (True), perhaps (False), or is there (None)."""
    ends = SENTENCE_END.search(text, found.end())
    after = text[ends.end() :] if ends else ""
    rest = text[found.end() : ends.start() if ends else len(text)]
    before = text[: _begins(text, found.start())]
    led = LEADS.search(rest)
    if (led and length(rest[led.end() :] + after) >= ENOUGH_LED) or text[
        found.end() : found.end() + 2
    ] == "\n":
        return None
    if kind == "list":
        return (
            None if OPTIONS.search(text) or length(after) >= 3 or length(before) >= 3 or "," in rest else True
        )
    if _has(kind, text, found, before, after):
        return None
    if ONE_SENTENCE.search(found[0]) and length(before) + length(after) >= 3:
        return None
    if kind == "figure":
        return length(before) + length(after) < ENOUGH_OF_FIGURE
    return length(before) < ENOUGH_BEFORE and length(after) < ENOUGH_AFTER


def _has(kind: Kind, text: str, found: re.Match[str], before: str, after: str) -> bool:
    """Whether material of a kind stands in a text."""
    outside = text[: found.start()] + " " + text[found.end() :]
    if kind == "code":
        return CODE.search(outside) is not None
    if kind == "formula":
        return FORMULA.search(outside) is not None or CODE.search(outside) is not None
    if kind in ("data", "table"):
        return len(NUMBER.findall(outside)) >= 2 or "|" in outside
    if kind == "figure":
        return MARKUP.search(text) is not None or text.count("\n") >= 3
    # A text: other sentences, or words in quotation marks.
    return (
        length(after) >= ENOUGH_AFTER or length(before) >= ENOUGH_BEFORE or QUOTES.search(outside) is not None
    )


def _begins(text: str, place: int) -> int:
    """Where the sentence around a place begins."""
    begin = 0
    for end in SENTENCE_END.finditer(text, 0, place):
        begin = end.end()
    return begin


# Marks before options: a letter or number in brackets or with a mark after it, a list, ideographic ones.
OPTIONS = re.compile(
    r"[(（](?:[A-Ha-h1-9А-Га-гأبجد]|i{1,3}v?|I{1,3}V?)[)）]\s*\S|(?:^|\s)(?:[A-Ha-h1-9А-Га-гأبجد]"
    r"|I{1,3}V?)[).:](?:\s+\S|$)"
    r"|[①-⑤]|\n[ \t]*[-*•]|[アイウエA-D１-５A-D][:：．、）]",
    re.MULTILINE,
)

# What is left open to be filled in.
GAPS = r"_|\.\.\.|…|\(\s*\)|\[\s*\]"

RULES = (Rule(ID, refers, KNOWN),)
