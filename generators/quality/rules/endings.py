"""Whether an answer stops in the middle though its model says that it has finished.

A text may end without a full stop: with a name, a number, a formula, a list, a verse. A sure sign is an open
code block or formula, the mark of an empty item, a word with which nothing ends, or a last sentence without
its end where all others have theirs.
"""

import re

from generators.quality.flaws import CODE_BLOCK, Case, Flaw, Rule, length
from generators.quality.rules.answer_words import LAST
from graph.reasons import Reason

ID = "answer.ends@2"
KNOWN = frozenset((*LAST, "zh", "ja", "ko", "ar"))
FULL_STOPS = ".!?。！？؟"
FULL_STOP = re.compile(r"[.!?。！？؟…][\"'”’»)\]*_」』]*(?=\s|$)|[。！？]")
# Endings of a complete text: a full stop, closing marks, a mark of Markdown, a smiley.
CLOSED = re.compile(r"(?:[.!?。！？؟…:;)\]}>»\"”’'」』*_`|~✓✔☺]|:-?\)|[\U0001f300-\U0001faff])$")
EMPTY_ITEM = re.compile(r"\n\s*(?:[-*•+]|\d{1,3}[.)]|#{1,6}|\(?[a-z][.)])\s*$")
HEADING = re.compile(r"\n\s*#{1,6} [^\n]*$|\n\s*\*\*[^*\n]{3,80}:?\*\*:?\s*$")
# An item of a list: a mark, or what it is about, and a colon.
ITEM = re.compile(
    r"\s*(?:[-*•+]|\d{1,3}[.)]|\(?[a-zA-Z][.)]|\*\*[^*\n]{1,60}\*\*:?|[^\s:.!?][^:.!?\n]{0,40}(?::|--))\s+"
)
BEGUN = re.compile(r"\\begin\{(\w+\*?)\}")
ENDED = re.compile(r"\\end\{(\w+\*?)\}")
LAST_WORD = re.compile(r"([^\W\d_]+)[,\-–—]?$")
COMMA = re.compile(r"[,、，،(\[{=+×·/\\<≤≥&@-]$")
# Shorter lines are those of a poem, an address, a name.
LINE_OF_VERSE = 60
FEWEST_OF_SENTENCE = 2
# Characters in which the mark of an empty item may stand.
ENDING = 12
# A line of a few words that begins so is a sentence, and not a name or a greeting.
BEGINS = re.compile(r"(?:The|This|These|It|In|A|An|They|We|If|When|For) ")
# Characters before the end in which a formula or a result may stand.
FORMULA_IN = 20
# A result that is complete without a full stop: the distance is 20 m.
RESULT = re.compile(
    r"\b(?:answer|result|total|sum|difference|product|quotient|remainder|number|value|mean|average|median"
    r"|probability|distance|speed|time|length|height|width|area|volume|mass|weight|age|cost|price|profit"
    r"|amount|energy|force|temperature)\b[^.,;:!?]{0,40} (?:is|are|was|equals|will be|comes to)"
    r" (?:about |approximately |exactly )?[-$€£]?\d[\d.,/]*%?(?: [^\s.,;:]+){1,3}$"
)
# Words from which on a single sentence seems to need a full stop.
LONG_SENTENCE = 12


def stops(case: Case) -> Flaw | None:
    """Whether an answer stops in the middle of a word, sentence, list, formula or code block."""
    text = case.text.rstrip()
    what = _open_block(text, case.prose)
    if what is None and (text[-1:] not in FULL_STOPS or EMPTY_ITEM.search(text[-ENDING:])):
        sure_or_not = _open_end(case, text)
        if sure_or_not is None:
            return None
        what, sure = sure_or_not
    elif what is None:
        return None
    else:
        sure = True
    problem = f"it stops in the middle of {what}; write a complete answer, shorter if need be"
    return Flaw(ID, Reason.truncated, problem, (max(0, len(text) - 40), len(text)), sure)


def _open_block(text: str, prose: str) -> str | None:
    """The kind of block that is not closed; marks of formulas in code are code."""
    if "```" in text and sum(line.lstrip().startswith("```") for line in text.split("\n")) % 2:
        return "a code block"
    # Before a full stop such a mark is what the sentence speaks of: in bash, $$ is the id of the process.
    if text[-1:] in FULL_STOPS:
        return None
    if "\\" in prose:
        if prose.count("\\[") > prose.count("\\]") + prose.count("\\\\["):
            return "a formula"
        if "\\begin{" in prose and sorted(BEGUN.findall(prose)) != sorted(ENDED.findall(prose)):
            return "a formula"
    if prose.count("$$") % 2:
        return "a formula"
    return None


def _open_end(case: Case, text: str) -> tuple[str, bool] | None:
    """What a text without a full stop is in the middle of, and whether it is for sure."""
    if EMPTY_ITEM.search(text[-ENDING:]):
        return "a list", True
    if text.endswith("```"):
        return None
    line = text[text.rfind("\n") + 1 :]
    if HEADING.search(text[-2 * LINE_OF_VERSE :]) and length(text) > length(line) + 8:
        return "a section", True
    if line.lstrip().startswith(("|", ">", "#", "    ")) or line.count("|") > 1:
        return None
    if text[-1:] in ":：" and length(text) > 3:
        return "what it announces", length(line) > 1
    if CLOSED.search(text):
        return None
    last = LAST_WORD.search(text)
    if last and _is_open_word(last[1], case) and length(line) > 2:
        return "a sentence", True
    if COMMA.search(text):
        return ("a sentence", True) if length(line) > 2 and "`" not in line[-2:] else None
    return _without_full_stop(text, line, last is not None)


def _is_open_word(word: str, case: Case) -> bool:
    """Whether nothing ends with this word; capitals are a name or a variable: group A, vitamin C."""
    if not word.islower():
        return False
    codes = LAST if case.language is None or case.language not in LAST else (case.language,)
    if len(codes) > 1:
        # In a language that is not known, only words that are such in English.
        codes = ("en",) if case.text.isascii() else ()
    return any(word in LAST[code] and (len(word) > 1 or code in ("ru", "es", "pt", "it")) for code in codes)


def _without_full_stop(text: str, line: str, letters: bool) -> tuple[str, bool] | None:
    """Whether the last sentence alone has no end."""
    if not letters:
        return None
    item = ITEM.match(line)
    if item:
        return _item(text, line)
    sentence = re.split(r"(?<=[.!?])[\"'”’)*_]*\s+|(?<=[。！？])", line)[-1]
    own = line[: len(line) - len(sentence)]
    others = text[: len(text) - len(line)]
    ended = len(FULL_STOP.findall(own)) + _ended_lines(others)
    # A formula, a name or an address may end a text.
    formula = any(c in sentence[-FORMULA_IN:] for c in "=<>≈→∈") or RESULT.search(sentence.rstrip("*_ "))
    if formula or "://" in sentence or length(sentence) < FEWEST_OF_SENTENCE:
        return None
    if own.strip() == "" and _is_verse(text):
        return None
    if not ended:
        return ("a sentence", False) if length(sentence) >= LONG_SENTENCE else None
    begins = own.strip() != "" or length(sentence) >= 5 or BEGINS.match(sentence) is not None
    return "a sentence", begins and not sentence.strip("*_ ").istitle()


def _ended_lines(text: str) -> int:
    """How many lines of prose end with a full stop; a block of code is one that does."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return sum(line == "```" or FULL_STOP.search(line[-4:]) is not None for line in lines)


def _item(text: str, line: str) -> tuple[str, bool] | None:
    """The last item of a list has no full stop where all others have one."""
    items = [other for other in text.split("\n") if ITEM.match(other)][:-1]
    if len(items) < 2 or not all(FULL_STOP.search(other.rstrip()[-4:]) for other in items):
        return None
    return "a list", length(line) > 1


def _is_verse(text: str) -> bool:
    """Whether a text has short lines without full stops."""
    lines = [line for line in CODE_BLOCK.sub("", text).split("\n") if line.strip() and not ITEM.match(line)]
    short = [line for line in lines if len(line) < LINE_OF_VERSE and not FULL_STOP.search(line[-4:])]
    return len(lines) >= 3 and len(short) * 2 > len(lines)


RULES = (Rule(ID, stops, KNOWN),)
