"""Whether an answer says its question again and little else, or a text the same thing without end."""

import re
from collections import Counter
from dataclasses import replace

from generators.quality.flaws import WORD, Case, Flaw, Rule
from graph.reasons import Reason

ECHO_ID = "answer.echo@2"
LOOP_ID = "answer.loop@3"
QUESTION_LOOP_ID = "question.loop@1"
# Words and single characters of scripts without spaces.
TOKEN = re.compile(
    "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|[^\\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+"
)
# Words of its own that an echo may have, and one more for every twenty that it has.
MOST_OWN = 2
# What may stand before the question that is said again.
SAID_BEFORE = re.compile(
    r"\s*(?:[*#>_\"“'«\-]|(?:question|q|prompt|task|(?:you|the user) (?:asked|ask|want to know)|(?:the"
    r"|your) question (?:is|was|asks)|frage|question posée"
    r"|pregunta|pergunta|domanda|вопрос|问题|質問|問|질문|السؤال)\b|[:：\s])*\s*[\"“'«]?",
    re.IGNORECASE,
)
FEWEST_TOKENS = 5
# Without the blanks before it: where there are thousands, each would be looked at from each one before it.
PRAISE = re.compile(
    r"(?:that's an? |what an? )?(?:great|good|excellent|interesting) question[!.] ?", re.IGNORECASE
)


def echo(case: Case) -> Flaw | None:
    """Whether an answer says its question again, or asks another one, and says little else."""
    question, text = case.question, case.text
    if not question:
        return None
    if _asks_back(PRAISE.sub("", text, count=1) if "question" in case.plain else text, question):
        return Flaw(ECHO_ID, Reason.echo, "it asks a question in place of answering", (0, len(text)), True)
    if not begins_with(text, question):
        text = SAID_BEFORE.sub("", text, count=1)
        if not begins_with(text, question):
            return None
    asked, said = set(TOKEN.findall(question.lower())), TOKEN.findall(text.lower())
    own = sum(token not in asked for token in said)
    if len(asked) < FEWEST_TOKENS or own > MOST_OWN + len(said) // 20:
        return None
    problem = "it says the question again and little else; answer it"
    return Flaw(ECHO_ID, Reason.echo, problem, (0, len(case.text)), True)


def _asks_back(text: str, question: str) -> bool:
    """Whether an answer is nothing but a question or two, where none were asked for."""
    if text.rstrip()[-1:] not in "?？؟" or len(text) > LONGEST_QUESTION or MAY_ASK.search(question):
        return False
    return len(WORD.findall(text)) >= FEWEST_TOKENS and all(piece[-1:] in "?？؟" for piece in _pieces(text))


def begins_with(text: str, other: str) -> bool:
    """Whether a text is or begins with the words of another."""
    first, wanted = WORD.search(text), WORD.search(other)
    # The fast path: nearly all texts differ in their first word.
    if not first or not wanted or first[0].casefold() != wanted[0].casefold():
        return False
    # Only the beginning of the text, with room for punctuation between its words.
    return same_words(text[: 2 * len(other) + 40]).startswith(same_words(other))


def same_words(text: str) -> str:
    """The words of a text, case-folded: equal for a text and its repetition."""
    return " ".join(WORD.findall(text.casefold()))


# An answer that asks back is short; some tasks ask for a question.
LONGEST_QUESTION = 400
MAY_ASK = re.compile(
    r"question|riddle|interview|survey|quiz|\bask|translat|rewrite|rephrase|paraphrase|socrat|sentence"
    r"|dialog|said|says|\bpoem"
    r"|[\"“”«»„「]|frage|pregunta|pergunta|domanda|вопрос|问|質問|問い|질문|سؤال|traduc|traduis"
    r"|übersetz|перевед|翻译|訳|번역",
    re.IGNORECASE,
)
# A loop at the end: the longest unit in characters, how often it stands there, and how long all of it is.
LONGEST_UNIT, TIMES, SHORTEST_LOOP = 400, 3, 60
# A repeated line or sentence: the fewest words in it, how often, and its share of the text.
WORDS_OF_LINE, TIMES_OF_LINE, SHARE = 4, 4, 0.4
# Items of a list with the same words, as short as they may be, that make up all of it.
SAME_ITEMS = 6
# From how many characters on a unit without a word is a loop: a row of zeros, letters, exclamation marks.
SHORTEST_WORDLESS = 300
# Questions to which a right answer may say the same again.
MAY_REPEAT = re.compile(
    r"refrain|\bsong|lyric|\bpoem|shanty|ballad|\bchant|litany|mantra|prayer|nursery|\brepeat|repetiti|chord"
    r"|\b(?:write|say|print|sing|recite|output|give)\b[^.?!\n]{0,80}\btimes\b|\bDNA\b|\bRNA\b|nucleotide"
    r"|\bgene(?:tics?|s)?\b|\bdigits\b|decimal places|true or false|whether each|yes or no",
    re.IGNORECASE,
)
TRUTHS = frozenset(("true", "false", "yes", "no", "correct", "incorrect", "valid", "invalid"))
# Words in a run, the fewest words of a text, and the share of different runs below which it goes in circles.
CIRCLE, FEWEST_WORDS, DIFFERENT = 6, 60, 0.45
# Where a line or sentence may end: it does not at a full stop within a number or name.
PIECE_END = re.compile(r"[.!?\n。！？]\s*")
DIGITS = re.compile(r"\d+")
LETTERS = re.compile(r"[^\W\d_]{2,}")


def loop(case: Case) -> Flaw | None:
    """Whether an answer repeats a line, a sentence or a phrase without end."""
    text = case.prose.rstrip()
    if len(text) < SHORTEST_LOOP and text.count("\n") < SAME_ITEMS - 1:
        return None
    if (
        (span := _repeats_at_end(text))
        # 0.3333 and so on, with a full stop.
        or (span := _repeats_at_end(text[:-1]))
        or (span := _repeats_a_line(text))
        or (span := _goes_in_circles(text))
    ):
        words = " ".join(text[span[0] : span[1]].split())[:60]
        sure = not MAY_REPEAT.search(f"{case.question} {case.topic}")
        problem = f'it repeats "{words}" over and over; say everything once'
        return Flaw(LOOP_ID, Reason.loop, problem, span, sure)
    return None


def _repeats_at_end(text: str) -> tuple[int, int] | None:
    """Where a unit stands that the text ends with several times over."""
    tail = text[-4 * LONGEST_UNIT :]
    probe = tail[-16:]
    before = tail.rfind(probe, 0, len(tail) - 1)
    if before < 0:
        return None
    period = len(tail) - 16 - before
    length = period
    while length < len(tail) and tail[-1 - length] == tail[-1 - length + period]:
        length += 1
    unit = tail[-period:]
    if length < max(SHORTEST_LOOP, TIMES * period):
        return None
    # Bars and underscores are those of a table or form to be filled in.
    if not LETTERS.search(unit) and (length < SHORTEST_WORDLESS or "|" in unit or "_" in unit):
        return None
    # Rows of a table and lines of code repeat themselves for good reasons.
    if period < 12 and length < 12 * period:
        return None
    return len(text) - period, len(text)


def _repeats_a_line(text: str) -> tuple[int, int] | None:
    pieces = _pieces(text)
    if len(pieces) < TIMES_OF_LINE:
        return None
    # Numbers and marks of a list do not make another line of it.
    counts = Counter(DIGITS.sub("0", piece.lower()).strip("*#-.) 0") for piece in pieces if "|" not in piece)
    del counts[""]
    if not counts:
        return None
    line, times = counts.most_common(1)[0]
    if times >= SAME_ITEMS and times == counts.total() and line.isalpha() and line not in TRUTHS:
        return 0, len(text)
    if (
        times < TIMES_OF_LINE
        or times * len(line) < SHARE * len(text)
        or len(TOKEN.findall(line)) < WORDS_OF_LINE
    ):
        return None
    if DIGITS.search(line) and _is_calculation(line):
        return None
    start = text.lower().find(line.split("0")[0]) if "0" in line else text.lower().find(line)
    return max(start, 0), max(start, 0) + len(line)


def _pieces(text: str) -> list[str]:
    """The lines and sentences of a text, without blanks around them."""
    pieces, start = list[str](), 0
    for found in PIECE_END.finditer(text):
        if found[0] not in (".", "!", "?"):
            pieces.append(text[start : found.start() + 1].strip())
            start = found.end()
    pieces.append(text[start:].strip())
    return list(filter(None, pieces))


def _is_calculation(line: str) -> bool:
    """Whether a line without its numbers may be a step of a calculation: these look alike."""
    return any(c in line for c in "=+*/×<>^(") or line.count("0") > 1


def _goes_in_circles(text: str) -> tuple[int, int] | None:
    # Most texts have more words that differ, and tables of few words have bars.
    words = text.lower().split()
    if len(words) < FEWEST_WORDS or len(set(words)) > 0.45 * len(words) or "|" in text:
        return None
    runs = [tuple(words[n : n + CIRCLE]) for n in range(len(words) - CIRCLE + 1)]
    counts = Counter(runs)
    if len(counts) >= DIFFERENT * len(runs):
        return None
    run, _ = counts.most_common(1)[0]
    if sum(LETTERS.search(word) is not None for word in run) < CIRCLE - 1:
        return None
    start = max(text.lower().find(run[0]), 0)
    return start, start + len(" ".join(run))


# Of a question: the fewest words, and how often each has to stand there on average.
FEWEST_ASKED, EACH = 30, 4
# Characters that are looked for again before the words are counted.
PROBE = 6


def question_loop(case: Case) -> Flaw | None:
    """Whether a question is little else than a loop: steps to be followed may be the same several times."""
    # The fast path: what stands in the middle of nearly any question stands there once.
    middle = len(case.plain) // 2
    if case.plain.count(case.plain[middle : middle + PROBE]) < EACH - 1:
        return None
    words = case.plain.split()
    if len(words) < FEWEST_ASKED or len(set(words)) * EACH > len(words):
        return None
    found = loop(replace(case, question=case.text))
    return found and found._replace(rule=QUESTION_LOOP_ID)


RULES = (Rule(ECHO_ID, echo), Rule(LOOP_ID, loop))
QUESTION_RULES = (Rule(QUESTION_LOOP_ID, question_loop),)
