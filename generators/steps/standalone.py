"""Tells whether a question can be read by itself, by signs that it refers to what its reader does not see.

Only a reader can tell for certain. Sure signs refuse a question if asking again has not helped; other signs
only cause it to be asked for again. A word that belongs to the topic (sessions of therapy, of a parliament,
of a server) is not a sign.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple


class Flaw(NamedTuple):
    """What is wrong with a question, as a sentence for the model; `sure`: whether the sign is sure."""

    problem: str
    sure: bool


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_SAID_EN = (
    r"discussed|covered|learn(?:ed|t)|studied|introduced|described|explained|mentioned|presented|seen|taught"
    r"|outlined|explored"
)
_N = r"(?:n[°o.] ?)?(?:\d{1,2}|one|two|three|four|five)\b"
# Sure signs: a session by its number together with what was done in it, and the like.
REFERS = _any(
    rf"\b(?:{_SAID_EN})\b[^.?!]{{0,25}}\b(?:in|during|from)\b[^.?!]{{0,12}}\b(?:session|lesson)s? {_N}",
    rf"\b(?:{_SAID_EN})\b[^.?!]{{0,25}}\b(?:in|during|from) (?:the|this|our|your) "
    r"(?:syllabus|class sessions?)\b",
    rf"\b(?:from|in) (?:the )?(?:class )?sessions? {_N} (?:and|to|with) (?:class )?(?:session )?{_N}",
    r"\b(?:syllabus|key concepts?|sessions?)(?: \w+)? above\b",
    r"\babove(?:-mentioned)? (?:syllabus|key concepts?|sessions?)\b",
    r"\b(?:according to|based on|as (?:per|in)) (?:the|this|our) (?:given |provided )?syllabus\b",
    rf"\bwie in (?:der )?(?:Sitzung|Lektion|Unterrichtseinheit) {_N}",
    rf"\b(?:Sitzung|Lektion|Unterrichtseinheit) {_N}[^.?!]{{0,40}}\b"
    r"(?:besprochen|behandelt|gelernt|erläutert|vorgestellt)",
    r"\b(?:obige[nrsm]?|oben (?:stehende[nrsm]?|genannte[nrsm]?)) (?:Lehrplan|Schlüsselkonzepte?n?)",
    rf"\b(?:vue?s?|discutée?s?|étudiée?s?|abordée?s?|apprise?s?|présentée?s?)\b[^.?!]{{0,30}}\b"
    rf"(?:séance|session|leçon) {_N}",
    r"\b(?:discuti(?:ó|do)|discutid[oa]s?|vist[oa]s?|vimos|estudi(?:ó|ad[oa]s?)|aprendid[oa]s?|tratad[oa]s?)\b"
    rf"[^.?!]{{0,30}}\b(?:sesión|lección) {_N}",
    r"\b(?:discutid[oa]s?|vist[oa]s?|vimos|estudad[oa]s?|aprendid[oa]s?|abordad[oa]s?)\b"
    rf"[^.?!]{{0,30}}\b(?:sessão|aula|lição) {_N}",
    r"\b(?:discuss[oa]|vist[oa]|studiat[oa]|appres[oa]|trattat[oa])\b"
    rf"[^.?!]{{0,30}}\b(?:sessione|lezione) {_N}",
)
# Other signs: a session by its number alone, and the like.
SEEMS_TO_REFER = _any(
    rf"\b(?:session|lesson)s? {_N}",
    r"\bas (?:we )?(?:discussed|covered|learned|learnt|seen|mentioned)\b",
    r"\bin (?:this|the|our) (?:syllabus|class session|previous session|last session|course)\b",
    r"\b(?:these|the following|the given|the listed|all(?: of)? the) key concepts\b",
    r"\b(?:text|passage|list|table|figure|diagram) (?:above|below)\b|\babove (?:text|passage|list)\b",
    rf"\b(?:Sitzung|Lektion|Unterrichtseinheit) {_N}|\b(?:séance|leçon) {_N}|\b(?:sesión|lección) {_N}",
    rf"\b(?:sessão|aula|lição|sessione|lezione|sessie|sesja|lekcja) {_N}",
    r"\b(?:занятии|уроке|лекции|сессии) (?:№ ?)?\d{1,2}\b",
    r"第\s*[\d一二三四五六七八九十]{1,3}\s*(?:节课|堂课|次课|课|課|回)|セッション\s*\d|\d+\s*(?:차시|회차|주차)",
)
# "Which of the following", in languages with a fixed phrase for it.
OFFERS = _any(
    r"\b(?:which|what|any|one|all|select|choose) (?:one )?of the (?:following|options|statements below)\b",
    r"(?:^|[.?!:]\s+)(?:choose|select|pick) the (?:correct|right|best) (?:answer|option|statement)s?\b",
    r"\bwelche[rsn]? der (?:folgenden|nachstehenden)|\bwas davon trifft zu\b",
    r"\b(?:lequel|laquelle|lesquels|lesquelles|parmi|quel(?:le)?s?)\b[^.?!]{0,20}\bsuivant(?:e|s|es)\b",
    r"\bcuál(?:es)? de (?:las|los) siguientes\b|\bqua(?:l|is) d[ao]s seguintes\b",
    r"\bqual[ei] (?:dei|delle|tra (?:i|le)) seguenti\b|\bwelke van de volgende\b",
    r"\b(?:что|как(?:ое|ой|ая|ие)|котор\w+) из (?:следующ|перечисленн|нижеперечисленн)\w+",
    r"\bktór\w+ z (?:poniższych|następujących)\b|aşağıdakilerden hangisi|\bأي (?:من|مما) (?:يلي|التالي)",
    r"निम्नलिखित में से|(?:以下|下列)(?:哪|選項|选项)|(?:次|以下)のうち|다음 중",
)
# Nearly every question has none of these words and is not examined further: the patterns take a hundred times
# as long.
REFERRING = (
    *(
        "session",
        "lesson",
        "syllabus",
        "key concept",
        "above",
        "below",
        "as we ",
        "as discussed",
        "as covered",
    ),
    *("as learn", "as seen", "as mentioned", "in this course", "in the course", "in our course", "sitzung"),
    *(
        "lektion",
        "unterrichtseinheit",
        "lehrplan",
        "schlüsselkonzept",
        "séance",
        "leçon",
        "sesión",
        "lección",
    ),
    *(
        "sessão",
        "aula",
        "lição",
        "sessione",
        "lezione",
        "sessie",
        "sesja",
        "lekcja",
        "занят",
        "урок",
        "лекци",
    ),
    *("сесси", "第", "セッション", "차시", "회차", "주차"),
)
OFFERING = (
    *("of the following", "of the options", "of the statements below", "the correct ", "the right "),
    *("the best ", "folgenden", "nachstehend", "davon", "suivant", "siguientes", "seguint", "seguent"),
    *("volgende", "следующ", "перечисленн", "poniższ", "następując", "aşağıdaki", "يلي", "التالي"),
    *("निम्नलिखित", "以下", "下列", "次のうち", "다음"),
)
# What may be options, or lead to them: marks, a list, a new line.
MAY_LIST = re.compile(r"[:;\n,/|•*()（）“”\"'‘’「」：；，、،؛]|\s[-–—]\s|\b(?:or|oder|ou|o|или|lub|veya)\b")
OPTION = re.compile(r"(?:^|[\s(（])(?:[A-Ea-eА-Га-г]|[1-5１-５①-⑤])[).:．、]\s*\S|[①-⑤]|\n\s*[-*•]")
# Topics in which such words are what is studied, and not signs.
TOPICS = re.compile(
    r"\b(?:session|sitzung|séance|sesi|sess[iã]|lesson)|syllab|curricul|lehrplan|didact|didakt|pedagog|teach|lecture"
    r"|занят|урок|课程|教|授業|수업",
    re.IGNORECASE,
)


# Asked for twice per question: when the reply is judged, and when it is accepted.
@lru_cache(maxsize=256)
def flaw(question: str, topic: str = "") -> Flaw | None:
    """What a question's reader would miss; None if there is no sign.

    `topic`: what the question is about.
    """
    plain = question.casefold()
    if _has_any(plain, OFFERING) and (found := _offer_without_options(question)):
        # The options may stand before the offer.
        sure = MAY_LIST.search(question[: found.start()]) is None
        return Flaw("it offers a choice and lists no options; list them in the question, or ask openly", sure)
    if not _has_any(plain, REFERRING) or TOPICS.search(topic):
        return None
    if found := REFERS.search(question):
        return Flaw(_refers(found[0]), True)
    if found := SEEMS_TO_REFER.search(question):
        return Flaw(_refers(found[0]), False)
    return None


def _has_any(text: str, words: Sequence[str]) -> bool:
    return any(word in text for word in words)


def _refers(words: str) -> str:
    return f'it says "{words}", which its reader does not see; name what is meant instead'


def _offer_without_options(question: str) -> re.Match[str] | None:
    """The offer of a choice with no possible options after it; None if there is none."""
    found = OFFERS.search(question)
    if found is None or OPTION.search(question):
        return None
    behind = question[found.end() :].strip(" 、,.?!。？！؟।")
    return None if MAY_LIST.search(behind) else found
