"""Pairs of questions by class: duplicates that ask the same, and look-alikes that must stay.

Each planting takes a question and a source of chance, and returns its counterpart, or None where the question
has nothing to change. Nothing of the rule under test is used here.
"""

import re
from collections.abc import Callable
from itertools import pairwise
from random import Random
from string import ascii_uppercase

Planting = Callable[[str, Random], str | None]

NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo",
    "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
BEFORE = (
    "Please answer this: ", "Question: ", "Q: ", "Here is my homework question. ",
    "Can you help me with this? ",
    "Solve the following problem.\n\n", "As an expert, answer the question below.\n", "Hello! ", "Task: ",
    "Think carefully. ", "I was asked the following: ", "Consider the following question. ", "Problem 3: ",
    "Read the question carefully and answer it.\n", "Please provide a detailed solution: ",
)  # fmt: skip
AFTER = (
    " Explain your reasoning.", " Please show all steps.", " Let's think step by step.", "\n\nAnswer:",
    " Thanks!",
    " Give a clear and complete answer.", " Justify your answer.", " Show your work.", " Be brief.",
    " Provide your final answer with an explanation.", " Think before you answer.",
    " Answer in full sentences.",
)  # fmt: skip
UNITS = {
    "miles": "kilometers", "hours": "minutes", "minutes": "hours", "days": "weeks", "weeks": "months",
    "months": "years", "years": "months", "feet": "inches", "inches": "feet", "pounds": "ounces", "cm": "mm",
    "kg": "g", "meters": "feet", "dollars": "cents", "cents": "dollars", "seconds": "minutes", "m": "km",
    "grams": "kilograms", "hour": "minute", "gallons": "liters", "percent": "points", "week": "month",
    "day": "week",
}  # fmt: skip
TURNED = {
    "more": "less", "less": "more", "most": "least", "least": "most", "before": "after", "after": "before",
    "greater": "smaller", "higher": "lower", "lower": "higher", "increase": "decrease",
    "decrease": "increase",
    "increases": "decreases", "always": "never", "maximum": "minimum", "minimum": "maximum", "first": "last",
    "true": "false", "true?": "false?", "correct": "incorrect", "all": "none", "above": "below",
    "with": "without",
    "positive": "negative", "largest": "smallest", "buys": "sells", "older": "younger", "faster": "slower",
    "longer": "shorter", "likely": "unlikely", "possible": "impossible", "can": "cannot",
}  # fmt: skip
PREFIXED = {
    "legal": "illegal", "linear": "nonlinear", "stable": "unstable", "regular": "irregular",
    "direct": "indirect",
    "moral": "immoral", "conscious": "unconscious", "finite": "infinite", "relevant": "irrelevant",
    "known": "unknown", "equal": "unequal", "dependent": "independent", "certain": "uncertain",
    "fair": "unfair",
    "complete": "incomplete", "consistent": "inconsistent", "normal": "abnormal", "official": "unofficial",
    "rational": "irrational", "ethical": "unethical", "voluntary": "involuntary", "employed": "unemployed",
    "important": "unimportant", "natural": "unnatural", "necessary": "unnecessary", "used": "unused",
    "related": "unrelated", "sold": "unsold", "valid": "invalid", "accurate": "inaccurate", "even": "uneven",
}  # fmt: skip
NAMES = ("Amara", "Viktor", "Chen", "Leila", "Tomás", "Ingrid", "Kwame", "Yuki", "Priya", "Omar")
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
_NAME = re.compile(r"(?<=[a-z,;] )(?!The\b)(?:[A-Z][a-z]{2,})\b")
# Not the label of a statement in a list: those may change places with what they stand for.
_NUMBER = re.compile(r"(?<![\w.,])\d{1,4}(?![\w.,]*\d)(?!\. )")


def slip(question: str, chance: Random) -> str | None:
    """One to three slips of the pen in words of five letters or more, none at a word's ends."""
    places = [found for found in re.finditer(r"(?<![\w'-])[a-z]{5,}(?![\w'-])", question)]
    if len(places) < 3:
        return None
    for found in sorted(
        chance.sample(places, min(len(places) // 3, chance.randint(1, 3))), key=lambda f: -f.start()
    ):
        question = question[: found.start()] + _slipped(found[0], chance) + question[found.end() :]
    return question


def _slipped(word: str, chance: Random) -> str:
    at = chance.randrange(1, len(word) - 2)
    kind = chance.randrange(4)
    if kind == 0 and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + chance.choice(NEIGHBOURS[word[at]]) + word[at + 1 :]


def left_out(question: str, chance: Random) -> str | None:
    """A text of which some articles are missing."""
    places = [found for found in re.finditer(r"\b(?:the|an) (?=[a-z])", question)]
    if not places:
        return None
    for found in sorted(chance.sample(places, min(2, len(places))), key=lambda f: -f.start()):
        question = question[: found.start()] + question[found.end() :]
    return question


def wrapped(question: str, chance: Random) -> str | None:
    """A text with a sentence of habit before it, behind it, or both."""
    before, after = chance.choice(BEFORE), chance.choice(AFTER)
    return chance.choice((before + question, question + after, before + question + after))


def marked_up(question: str, chance: Random) -> str | None:
    """A text in another form: Markdown, capitals, curly quotes, spaces, lines of 60, full-width signs."""
    forms: list[Callable[[], str]] = [
        lambda: f"**{question}**",
        lambda: f"## {question}",
        lambda: f"> {question}",
        lambda: f"- {question}",
        lambda: question.upper(),
        lambda: question.replace("'", "’").replace('"', "“"),
        lambda: re.sub(r"(?<=[a-z]) (?=[a-z])", "  ", question),
        lambda: re.sub(r"(?<=[a-z]),", " ,", question),
        lambda: _lines_of(question, 60),
        lambda: question.rstrip(".?!"),
        lambda: question.replace("?", "？").replace(" ", "\u00a0"),
        lambda: _emphasised(question, chance),
    ]
    changed = chance.choice(forms)()
    return changed if changed != question else f"**{question}**"


def _lines_of(text: str, width: int) -> str:
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return "\n".join(lines)


def _emphasised(text: str, chance: Random) -> str:
    found = chance.choice(list(re.finditer(r"(?<![\w*])[a-z]{4,}(?![\w*])", text)) or [None])
    return text if not found else f"{text[: found.start()]}*{found[0]}*{text[found.end() :]}"


def typeset(question: str, _: Random) -> str | None:
    """A text whose formulas stand in LaTeX."""
    if "$" in question or "\\" in question:
        return None
    changed = re.sub(r"(?<![\w$])([a-z0-9]+)\^(\d)(?!\w)", r"$\1^{\2}$", question)
    changed = re.sub(r"(?<![\w/$.])(\d+)/(\d+)(?![\w/])", r"\\(\\frac{\1}{\2}\\)", changed)
    changed = re.sub(r"(?<=\d) \* (?=\d)", r" \\times ", changed)
    return changed if changed != question else None


def reordered(question: str, chance: Random) -> str | None:
    """A text with its sentences, or its options, in another order."""
    if len(options := re.findall(r"^\([A-Z]\) (.+)$", question, re.MULTILINE)) > 2:
        others = options[:]
        chance.shuffle(others)
        head = question[: question.index("(A) ")]
        if others == options or not head.endswith("\n"):
            return None
        return head + "\n".join(
            f"({letter}) {option}" for letter, option in zip(ascii_uppercase, others, strict=False)
        )
    sentences = _SENTENCE.split(question)
    if not 2 <= len(sentences) <= 8 or "\n" in question or question[-1] not in ".?!":
        return None
    others = sentences[1:] + sentences[:1]
    return " ".join(others)


def one_number(question: str, chance: Random) -> str | None:
    places = list(_NUMBER.finditer(question))
    if not places:
        return None
    found = chance.choice(places)
    return (
        question[: found.start()]
        + str(int(found[0]) + chance.choice((1, 2, 3, 10)))
        + question[found.end() :]
    )


def numbers_exchanged(question: str, _: Random) -> str | None:
    places = list(_NUMBER.finditer(question))
    for left, right in pairwise(places):
        if left[0] != right[0]:
            between = question[left.end() : right.start()]
            return question[: left.start()] + right[0] + between + left[0] + question[right.end() :]
    return None


def unit(question: str, chance: Random) -> str | None:
    return _one_of(question, UNITS, chance)


def turned(question: str, chance: Random) -> str | None:
    return _one_of(question, TURNED, chance)


def prefixed(question: str, chance: Random) -> str | None:
    return _one_of(question, PREFIXED, chance)


def _one_of(question: str, exchanged: dict[str, str], chance: Random) -> str | None:
    words = question.split(" ")
    places = [place for place, word in enumerate(words) if word in exchanged]
    if not places:
        return None
    place = chance.choice(places)
    words[place] = exchanged[words[place]]
    return " ".join(words)


def negated(question: str, chance: Random) -> str | None:
    places = list(re.finditer(r"\b(?:is|are|was|were|can|would|will|must)\b(?! not)(?=[ ?])", question))
    if not places:
        return None
    found = chance.choice(places)
    return question[: found.end()] + " not" + question[found.end() :]


def name(question: str, chance: Random) -> str | None:
    """One name is another's, everywhere in the text."""
    found = _NAME.search(question)
    if not found:
        return None
    other = chance.choice([name for name in NAMES if name != found[0]])
    return re.sub(rf"\b{found[0]}\b", other, question)


def names_exchanged(question: str, _: Random) -> str | None:
    """Two names of one sentence change places there."""
    for sentence in _SENTENCE.split(question):
        names = list(_NAME.finditer(sentence))
        for left, right in pairwise(names):
            between = sentence[left.end() : right.start()]
            # Joined names may change places, and Germans is not another name than German.
            joined = re.fullmatch(r"(?:['’]s)?[ ,]*(?:(?:and|or|&)(?: the)?)?[ ,]*|['’]s .*", between)
            if not joined and left[0].rstrip("s") != right[0].rstrip("s"):
                if len(re.findall(rf"\b(?:{left[0]}|{right[0]})\b", sentence)) != 2:
                    continue
                changed = sentence[: left.start()] + right[0] + between + left[0] + sentence[right.end() :]
                return question.replace(sentence, changed, 1)
    return None


def symbol(question: str, chance: Random) -> str | None:
    places = list(re.finditer(r"(?<=[\w)] )[-+*/<>=](?= [\w(])|(?<=[\w)])[+^/=<>](?=[\w(])", question))
    if not places:
        return None
    found = chance.choice(places)
    other = {"+": "-", "-": "+", "*": "/", "/": "*", "<": ">", ">": "<", "=": "<", "^": "*"}[found[0]]
    return question[: found.start()] + other + question[found.end() :]


def variable(question: str, _: Random) -> str | None:
    found = re.search(r"(?<![\w'’])([b-hj-rt-z])(?=[ ]?[=+^<>()\[*])", question)
    if not found:
        return None
    other = "w" if found[1] != "w" else "v"
    return None if re.search(rf"\b{other}\b", question) else re.sub(rf"\b{found[1]}\b", other, question)


def code(question: str, chance: Random) -> str | None:
    """A program or expression with one sign or word changed."""
    changes = (
        (" and ", " or "), ("True", "False"), ("==", "!="), ("[1:", "[2:"), ("range(", "len("), ("< ", "<= "),
        (" or ", " and "), ("return True", "return False"), (">>>", ">>"), ("append", "extend"),
        ("int", "float"), ("sort", "reverse"), ("List[", "Set["), ("str", "bytes"), ("max", "min"),
    )  # fmt: skip
    usable = [change for change in changes if change[0] in question]
    if not usable or not re.search(r"def |\(\)|>>>|True|False|==", question):
        return None
    before, after = chance.choice(usable)
    return question.replace(before, after, 1)


def word(question: str, chance: Random, others: list[str] | None = None) -> str | None:
    """A longer word is another one."""
    places = list(re.finditer(r"(?<![\w'-])[a-z]{6,}(?![\w'-])", question))
    if not places:
        return None
    found = chance.choice(places)
    return question[: found.start()] + chance.choice(others or ["harvest"]) + question[found.end() :]


DUPLICATES: dict[str, Planting] = {
    "form": marked_up, "LaTeX": typeset, "wrap": wrapped, "order": reordered, "slips": slip,
    "articles": left_out,
}  # fmt: skip
LOOKALIKES: dict[str, Planting] = {
    "one number": one_number, "numbers exchanged": numbers_exchanged, "unit": unit, "comparison": turned,
    "not": negated, "un-, non-, in-": prefixed, "name": name, "names exchanged": names_exchanged,
    "symbol": symbol, "variable": variable, "code": code, "word": word,
}  # fmt: skip
