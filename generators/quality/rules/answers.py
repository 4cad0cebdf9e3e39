"""What can be seen of an answer without a model, rule by rule."""

import re
from functools import cache, lru_cache

from generators.quality.flaws import Case, Findings, Flaw, Rule, any_of, examine, has_any, quoted
from generators.quality.rules import endings, repetition
from generators.quality.rules.answer_words import (
    ABOUT_MODELS,
    LONGEST_REFUSAL,
    MAY_DECLINE,
    MAY_TALK,
    PROMPT,
    PROMPT_WORDS,
    REFUSALS,
    REFUSES,
    SCHOOL,
    SELF,
    SELF_WORDS,
    SHORT_REFUSAL,
    WIDER_REFUSAL_EN,
)
from generators.quality.rules.self_contained import languages
from graph.reasons import Reason

SELF_ID = "answer.self_reference@3"
PROMPT_ID = "answer.self_contained@3"
GIVEN_ID = "answer.given@1"
CHATS_ID = "answer.chats@1"
MALFORMED_ID = "answer.malformed@3"
KNOWN = frozenset(SELF)
QUOTED = re.compile(r"[\"“„«「『‘][^\"”»」』’\n]{0,400}[\"”»」』’]|^>.*$", re.MULTILINE)


@cache
def _self(language: str) -> re.Pattern[str]:
    return any_of(*SELF[language])


@cache
def _prompt(language: str) -> re.Pattern[str]:
    return any_of(*PROMPT[language])


def speaks_of_itself(case: Case) -> Flaw | None:
    """Whether an answer declines, or speaks of itself as a model, of its maker or its training."""
    text, plain = case.text, case.plain.replace("’", "'")
    declined = _declines(case) if len(text) <= LONGEST_REFUSAL and has_any(plain, REFUSES) else None
    if declined and declined.sure:
        return declined
    for code in languages(case.language, KNOWN):
        if not has_any(plain, SELF_WORDS[code]):
            continue
        if found := _outside_quotes(_self(code), case.prose.replace("’", "'")):
            if ABOUT_MODELS.search(case.question) or ABOUT_MODELS.search(case.topic):
                break
            problem = f'it speaks of itself ("{quoted(text, found)}"); answer without mentioning who answers'
            return Flaw(SELF_ID, Reason.self_reference, problem, found.span(), True)
    return declined


def _declines(case: Case) -> Flaw | None:
    """Whether an answer begins like a refusal: not for sure if its question may ask for such words."""
    text = case.text.replace("’", "'")
    begins = len(text) - len(text.lstrip("*_# \n"))
    found = REFUSALS.match(text, begins)
    if found is None and len(text) <= SHORT_REFUSAL:
        found = WIDER_REFUSAL_EN.match(text, begins)
    if found is None:
        return None
    sure = not MAY_DECLINE.search(f"{case.question} {case.topic}")
    return Flaw(SELF_ID, Reason.refused, "the reply begins like a refusal", found.span(), sure)


def _outside_quotes(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The first match that is not within quotation marks."""
    quotes: list[tuple[int, int]] | None = None
    for found in pattern.finditer(text):
        if quotes is None:
            quotes = [quote.span() for quote in QUOTED.finditer(text)]
        if not any(start <= found.start() < end for start, end in quotes):
            return found
    return None


def speaks_of_its_prompt(case: Case) -> Flaw | None:
    """Whether an answer speaks of a syllabus, a student, a passage of which its question does not."""
    for code in languages(case.language, KNOWN):
        if not has_any(case.plain, PROMPT_WORDS[code]):
            continue
        for found in case.matches(PROMPT_WORDS[code], _prompt(code)):
            if not _asked_about(found[0], case):
                words = quoted(case.text, found)
                problem = f'it says "{words}", which its reader does not see; answer the question alone'
                return Flaw(PROMPT_ID, Reason.not_self_contained, problem, found.span(), True)
    return None


MATERIAL = re.compile(
    r"passage|text|excerpt|article|figure|table|diagram|graph|chart|document|poem|letter|source|data"
    r"|report",
    re.I,
)


def _asked_about(words: str, case: Case) -> bool:
    """Whether the question or its topic gives an answer reason to say such words."""
    about = f"{case.question} {case.topic}"
    if MATERIAL.search(words) and not SCHOOL.search(words):
        # A text or table of its own.
        return MATERIAL.search(about) is not None or "|" in case.text or "\n" in case.question
    return SCHOOL.search(about) is not None


GIVEN = re.compile(
    r"\b(?:based on|according to|from|given) the (?:information|details|data|facts|context|description)"
    r"(?: that (?:is|are|was|were))? (?:provided|given|presented|above)\b"
    r"|\bthe (?:provided|given) (?:information|context|details|passage|text)\b"
    r"|\b(?:information|details|context) you(?: have|'ve)? (?:provided|gave|given)\b",
    re.IGNORECASE,
)
GIVES = re.compile(r"\d|\n|[.!?;:]\s")
"""A question that may give information: it has a figure, a line break, or more than one sentence."""


def goes_by_what_was_given(case: Case) -> Flaw | None:
    """Whether an answer goes by information though its question is one sentence without any: a flag."""
    if not has_any(case.plain, ("provided", "given", "presented", "above", "gave")):
        return None
    found = GIVEN.search(case.prose)
    if found is None or not case.question or GIVES.search(case.question.strip()):
        return None
    words = quoted(case.text, found)
    return Flaw(GIVEN_ID, None, f'it goes by "{words}", and its question gives nothing', found.span(), False)


OPENS = re.compile(
    r"(?:(?:sure|certainly|of course|absolutely|great question|good question|happy to help)[!,.] ?)?"
    r"(?:i(?:'d| would) be (?:happy|glad|pleased) to|i(?:'m| am)(?: more than)? (?:happy|glad|sorry for)"
    r"|thank you for (?:your|the|asking)|(?:that's|what) an? "
    r"(?:great|good|excellent|interesting|fascinating) question|(?:great|good|excellent) question[!.])"
    r"|(?:sure|certainly|of course|absolutely)[!,.] ",
    re.IGNORECASE,
)
CLOSES = re.compile(
    r"\b(?:i hope (?:this|that) (?:helps|explanation|answers|clarifies)|let me know if (?:you|there)"
    r"|feel free to (?:ask|reach out)|if you have any (?:other|further|more|additional) questions"
    r"|is there anything else)\b"
    r"[^\n]{0,120}\s*\Z",
    re.IGNORECASE,
)
LONGEST_CLOSING = 240
CHAT_WORDS = ("hope", "let me know", "feel free", "any ", "anything else")


def chats(case: Case) -> Flaw | None:
    """Whether an answer greets whoever asked, or offers more: a flag. A task may ask for such words."""
    found = OPENS.match(case.text[:80].replace("’", "'"))
    if found is None and has_any(case.plain[-LONGEST_CLOSING:], CHAT_WORDS):
        found = CLOSES.search(case.text, max(0, len(case.text) - LONGEST_CLOSING))
    if found is None or MAY_TALK.search(f"{case.question} {case.topic}"):
        return None
    words = quoted(case.text, found)
    return Flaw(
        CHATS_ID, None, f'it speaks to whoever asked ("{words}"); give the answer alone', found.span(), False
    )


CHAT_MARKS = re.compile(
    r"<\|[a-z_]{2,30}\|>|\[/?INST\]|<</?SYS>>|</?s>|<(?:start|end)_of_turn>|^#{2,3} (?:Instruction"
    r"|Response|Input|Output|Assistant|User)s?:|"
    r"(?<=\n)(?:Human|User|Assistant|Question|Q|Student):(?=\s)|^(?:Assistant|AI|Bot|ChatGPT):"
    r"|</?think(?:ing)?>|\[(?:end of|END OF) \w+\]",
    re.MULTILINE,
)
MARKS = (
    "<|",
    "inst]",
    "sys>>",
    "</s>",
    "<s>",
    "_of_turn>",
    "\nhuman:",
    "\nuser:",
    "\nassistant:",
    "\nquestion:",
    "\nq:",
    "\nstudent:",
    "## ",
    "assistant:",
    "ai:",
    "bot:",
    "chatgpt:",
    "think",
    "[end of",
)
NOTHING = re.compile(r"\W*(answer|n/a|null|undefined|nan|tbd|todo|your answer|response)\W*", re.IGNORECASE)
# Of these some are right answers: a division by zero is undefined, a stimulus has a response.
MAY_BE_MEANT = frozenset(("null", "undefined", "nan", "response"))
# No word, figure or sign: punctuation, and code blocks without code.
WORDLESS = re.compile(r"(?:[\s.…,;:?!'\"_\-–—]|```\w*\s*```)*")
ASKS_FOR_A_MARK = re.compile(
    r"\bmark\b|sign\b|symbol|operator|punctuat|character|\bkey\b|morse|emoji|ascii|regex|draw|dash|hyphen"
    r"|comma|colon|full stop|period|zeichen|signe|signo|sinal|segno|знак|符|记号|記号|기호|علامة",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(
    r"\[(?:insert|your (?:name|answer|response|company|title|text)|add|enter|specify|placeholder|name of"
    r"|fill in|topic|concept|citation needed)[^\]\n]{0,60}\]"
    r"|<(?:insert|your|placeholder|answer)[^>\n]{0,40}>|(?<![\w$}\\])(?<!= )\{\{ ?[a-z][a-z_ ]{2,40}\}\}"
    r"|\{%[^{}\n]{1,60}%\}"
    r"|\blorem ipsum\b|\bINSERT [A-Z ]{2,30} HERE\b",
    re.IGNORECASE,
)
MAY_HAVE_PLACEHOLDERS = re.compile(
    r"template|placeholder|letter|e-?mail|form\b|draft|jinja|liquid|mustache|django|vue|angular|helm"
    r"|ansible|contract|report|memo|cover|script|resume|\bcv\b|invitation|format|brief|lorem"
    r"|vorlage|brief|modèle|lettre|plantilla|carta|modelo|modello|lettera|шаблон|письм|模板|信"
    r"|テンプレート|手紙|서식"
    r"|편지|قالب|رسالة|\{\{|\[",
    re.IGNORECASE,
)
# What nobody means, whatever is asked for.
LEFT_OVER = re.compile(r"\[(?:insert|enter|fill in|placeholder|your (?:answer|response|text))", re.IGNORECASE)
# Where a reader puts in something of their own.
IN_CODE = re.compile(
    r"\bcode\b|program|software|comput|\bweb\b|flask|html|\bapps?\b|server|\bgit\b|version control|docker"
    r"|cloud|kubernetes|devops|workflow|pipeline|\bCI\b|command|shell|terminal|script|system|network|remote|database"
    r"|\bAPI\b|python|java|config|deploy|markup",
    re.IGNORECASE,
)
IN_WRITING = re.compile(
    r"\b(?:write|draft|compose|prepare|sample|outline)\b|note\b|toast|speech|introduc|cit(?:ation|e)|referenc"
    r"|notation|wikipedia",
    re.IGNORECASE,
)
ANSWER_JSON = re.compile(r"""^\s*\{\s*["']\w+["']\s*:.*\}\s*$""", re.DOTALL)
MAY_BE_JSON = re.compile(
    r"json|dictionar|object|\bdict\b|schema|payload|\bapi\b|endpoint|config|serial|javascript|python"
    r"|code|machine-readable|\{",
    re.IGNORECASE,
)


def malformed(case: Case) -> Flaw | None:
    """Whether marks of a conversation, placeholders or JSON are left in an answer."""
    text, about = case.text, f"{case.question} {case.topic}"
    marked = CHAT_MARKS.search(case.prose) if has_any(case.plain, MARKS) else None
    if (found := marked) and not (ABOUT_MODELS.search(about) or MAY_TALK.search(about)):
        mark = quoted(text, found)
        return _malformed(f'it has the mark "{mark}" of a conversation; write the answer alone', found)
    may_have = any(c in text for c in "[<{") or "HERE" in text or "psum" in text
    if may_have and (found := PLACEHOLDER.search(case.prose)) and not MAY_HAVE_PLACEHOLDERS.search(about):
        problem = f'it has the placeholder "{quoted(text, found)}"; write what is meant'
        meant = IN_WRITING if found[0][0] == "[" else IN_CODE
        sure = LEFT_OVER.match(found[0]) is not None or not meant.search(about)
        return _malformed(problem, found, sure=sure)
    if (found := NOTHING.fullmatch(text)) and found[1].lower() not in about.lower():
        sure = found[1].lower() not in MAY_BE_MEANT
        return _malformed("it says nothing; answer the question", found, sure=sure)
    if (found := WORDLESS.fullmatch(text)) and not ASKS_FOR_A_MARK.search(about):
        return _malformed("it has no word; answer the question", found)
    if text.lstrip()[:1] == "{" and (found := ANSWER_JSON.match(text)) and not MAY_BE_JSON.search(about):
        return _malformed("it is JSON; write the answer's text alone", found)
    return None


def _malformed(problem: str, found: re.Match[str], *, sure: bool = True) -> Flaw:
    return Flaw(MALFORMED_ID, Reason.malformed, problem, found.span(), sure)


RULE = "answer-rules@3"
"""The id of all of them together; it changes when one of them does."""
RULES: tuple[Rule, ...] = (
    Rule(SELF_ID, speaks_of_itself, KNOWN),
    *repetition.RULES,
    Rule(MALFORMED_ID, malformed),
    Rule(CHATS_ID, chats, frozenset(("en",))),
    Rule(PROMPT_ID, speaks_of_its_prompt, KNOWN),
    Rule(GIVEN_ID, goes_by_what_was_given, frozenset(("en",))),
    *endings.RULES,
)


# Asked for twice per answer: when the reply is judged, and for what is kept of it.
@lru_cache(maxsize=256)
def findings(answer: str, question: str, topic: str = "", language: str | None = None) -> Findings:
    """What the rules find in an answer; `language`: its code, None if it is not known."""
    return examine(RULES, Case(answer, question=question, topic=topic, language=language))


def flaw(answer: str, question: str, topic: str = "", language: str | None = None) -> Flaw | None:
    """The worst flaw of an answer; None if there is none."""
    return findings(answer, question, topic, language).worst
