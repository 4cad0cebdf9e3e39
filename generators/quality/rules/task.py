"""Whether a question sets one task: not a title, statement, reply or rest of a template, nor two tasks."""

import re

from generators.quality.flaws import Case, Flaw, Rule, has_any, length
from generators.quality.rules.answer_words import ABOUT_MODELS, MAY_TALK
from generators.quality.rules.self_contained import CODE, GAPS, OPTIONS
from generators.quality.rules.task_words import ANSWER_LABEL, ASKS, ASKS_EN, KNOWN, REPLIES, TASK_EN
from graph.reasons import Reason

ID = "question.one_task@3"
OWN_ANSWER_ID = "question.own_answer@1"
MARK = re.compile("[?？؟¿]")
# What asks without a word: a gap, an equation, options, an unfinished sentence.
GAP = re.compile(rf"{GAPS}|[:：=]\s*$")
# A stem to be finished ends with such a word.
OPEN_END = re.compile(
    r"\b(?:is|are|was|were|to|that|the|a|an|by|of|as|in|for|because|if|with|from|on|at|be|have|has|and|or"
    r"|not|than|called|known|"
    r"when|who|which|does|do|can|will|may|into|about|between|it|they)\W*$",
    re.IGNORECASE,
)
SENTENCES = re.compile(r"(?<=[.?!;:])\s+|\n+|(?<=[。？！؟])")
# The beginnings of a statement: an article, a pronoun, a preposition, an adverb.
STATES = re.compile(
    r"(?:the|an?|it|this|these|those|they|he|she|we|there|in|on|at|by|for|from|with|as|one|some|many|most"
    r"|all|both|such"
    r"|however|therefore|thus|moreover|additionally|furthermore|also|for example|another|its|their|when"
    r"|while|although|"
    r"because|since|once|during|after|before|through|overall|finally|firstly|secondly|each|every|\w+(?:ly"
    r"|ing),?)\b",
    re.IGNORECASE,
)
FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|may|might|will|would|does|do|did|refers?|means?|involves?"
    r"|includes?|consists?|"
    r"occurs?|plays?|helps?|allows?|provides?|requires?|represents?|contains?|causes?|leads?|affects?"
    r"|becomes?|makes?|uses?"
    r"|turns?|happens?|describes?|measures?|depends?|increases?|decreases?|forms?|produces?|converts?"
    r"|moves?|takes?|gives?|"
    r"shows?|works?|remains?|comes?|begins?|starts?|ends?|creates?|explains?|relates?|determines?"
    r"|enables?|ensures?"
    r"|\w{2,}ed|led|became|began|took|gave|came|went|grew|fell|rose|won|lost|kept|held|met|found|left"
    r"|built|brought|saw)\b",
    re.IGNORECASE,
)
# A clause that begins with a verb and its object may set a task with a verb that is not known.
BIDS = re.compile(
    r"(?!(?:in|on|at|by|for|from|with|as|of|to|into|through|during|after|before|when|while|if|because"
    r"|since|although|and|"
    r"or|but|is|are|was|were|has|have|be|that|both|all|not|only|also|under|over|between|among|against"
    r"|within|without|"
    r"about|like|than|until|upon|via|per|despite|unlike|is)\b)\w+ (?:the|an?|how|why|what|whether|two"
    r"|three|four|five|your|each|any|at least)\b",
    re.IGNORECASE,
)
CLAUSE = re.compile(
    r"(?:^|[;:.?!\n(-][ \t]*|,[ \t]*(?:(?:and|then|please|now|also|finally|so) )*"
    r"|\b(?:please|then|briefly|carefully|clearly|critically) )(?=(\w[\w-]*))"
)
IN_BRACKETS = re.compile(
    r"\[(?:insert|your|topic|name of|concept|subject|question|fill in|add|enter|specify|choose"
    r"|placeholder|discipline|session)[^\]\n]{0,60}\]"
    r"|<(?:insert|your|topic|concept|question|placeholder|subject|name of)[^>\n]{0,60}>|\{(?:topic"
    r"|concept|question|subject|discipline|name|placeholder)s?\}",
    re.IGNORECASE,
)
TEMPLATE = re.compile(
    rf"{IN_BRACKETS.pattern}"
    r"|\blorem ipsum\b|\bINSERT [A-Z ]{2,30} HERE\b|\bquestion (?:goes )?here\b|\bX{3,}\b(?! ?chromosome)",
    re.IGNORECASE,
)
JSON_LEFT = re.compile(
    r"""^\s*[{\[]\s*["'“]\w+["'”]\s*:|["'“]question["'”]\s*:|^\s*["'“]?question["'”]?\s*:\s*["'“{]|["”]\s*\}\s*$""",
    re.IGNORECASE,
)
# Marks of a chat template, and turns of a conversation; <s> and </s> around words strike them out in HTML.
CHAT_MARKS = re.compile(
    r"<\|[a-z_]{2,30}\|>|\[/?INST\]|<</?SYS>>|</s>\s*\Z|<(?:start|end)_of_turn>|</?think(?:ing)?>"
    r"|^#{2,3} (?:Instruction|Response|Assistant|User)s?:"
    r"|\b(?:User|Human): [^\n]{1,400}\s(?:Assistant|AI|Bot):",
    re.MULTILINE,
)
MARKS = ("<|", "inst]", "sys>>", "</s>", "_of_turn>", "think", "## ", "user:", "human:")
PLACEHOLDERS = re.compile(
    "template|placeholder|json|mail merge|jinja|format string|form letter|serial", re.IGNORECASE
)
LABELLED = re.compile(
    r"(?:^|\n|(?<=[.?!] ))\W{0,3}(?:question|task|problem|exercise|q|frage|aufgabe|exercice|tâche"
    r"|pregunta|tarea|ejercicio|pergunta|tarefa|exercício|domanda|compito|esercizio|вопрос|задание|задача"
    r"|问题|题目|問|問題|課題|질문|과제|문제|السؤال|المهمة)"
    r" ?(?:#|no\.? ?|n° ?|№ ?)?[1-9１-９一二三]\b ?[).:：、]?",
    re.IGNORECASE,
)
APART = re.compile(
    r"[.?!]\s+(?:(?:also|additionally|separately|in addition|secondly|furthermore|besides|moreover|on "
    r"(?:a|an) (?:different|another|unrelated) note|as a (?:second|separate)"
    r" (?:task|question)|another question|unrelatedly|außerdem|zweitens|ferner|de plus|deuxièmement|par "
    r"ailleurs|además|por otra parte|além disso|inoltre|кроме того|также),? )",
    re.IGNORECASE,
)
LONG_WORD = re.compile(r"[^\W\d_]{4,}")
DENSE_PAIR = re.compile("(?=([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{2}))")
_ASKING = (
    "what which when where whose whom does explain describe discuss compare calculate give name list "
    "with from that this "
    "these those have been their there they your into between about would could should using example "
    "examples provide "
    "show find also than more most other each such many much same different terms used difference "
    "answer question "
    "write state determine will some then make following important main please briefly"
)
ASKING_WORDS = frozenset(_ASKING.split())
ANAPHOR = re.compile(
    r"\b(?:it|its|this|that|these|those|they|their|them|he|she|his|her|him|such|both|same|above|former"
    r"|latter|each|there|here|"
    r"one|result|another|second|other|answer|then)\b",
    re.IGNORECASE,
)
# A reply to whoever asked for a question, before the question.
PREAMBLE = re.compile(
    r"(?:sure|certainly|of course|absolutely|great|okay|ok)[,!.:]? (?:here(?:['’]s| is| are) (?:an?|the"
    r"|your|some|one)|below is|let['’]s)\b"
    r"|here(?:['’]s| is) (?:an?|the|your|one) (?:[\w-]+ ){0,4}question\b",
    re.IGNORECASE,
)
LONGEST_TITLE = 8


def no_task(case: Case) -> Flaw | None:
    """Whether a text sets no task, or two that have nothing to do with each other."""
    return _left_over(case) or _asks_nothing(case) or _two_tasks(case)


def _flaw(problem: str, span: tuple[int, int], sure: bool) -> Flaw:
    return Flaw(ID, Reason.no_task, problem, span, sure)


def _left_over(case: Case) -> Flaw | None:
    """Rests of JSON, of a chat or of a template."""
    text = case.text
    if has_any(case.plain, MARKS) and (found := CHAT_MARKS.search(case.prose)):
        struck_out = found[0].startswith("</s>") and "<s>" in case.plain
        if not struck_out and not any(about.search(text + case.topic) for about in (ABOUT_MODELS, MAY_TALK)):
            mark = " ".join(found[0].split())[:80]
            return _flaw(
                f'it has the mark "{mark}" of a conversation; write the question alone', found.span(), True
            )
    if ('"' in text or "'" in text or "”" in text) and (found := JSON_LEFT.search(text)):
        balanced = found[0].rstrip().endswith("}") and "{" in text[: found.start()]
        if not balanced and not PLACEHOLDERS.search(text + case.topic):
            return _flaw(
                "it is JSON in place of a question; write the question's text alone", found.span(), True
            )
    if (found := _placeholder(case)) and not PLACEHOLDERS.search(text + case.topic):
        return _flaw(f'it has the placeholder "{found[0]}"; write what is meant', found.span(), True)
    return None


def _placeholder(case: Case) -> re.Match[str] | None:
    bracketed = any(c in case.text for c in "[<{")
    if has_any(case.text, ("INSERT", "psum", "here", "XXX")) or (
        bracketed and has_any(case.plain, ("psum", "here", "xxx"))
    ):
        return TEMPLATE.search(case.prose)
    # A quarter of the time: all that it matches begins with a bracket.
    return IN_BRACKETS.search(case.prose) if bracketed else None


def _asks_nothing(case: Case) -> Flaw | None:
    text = case.text.strip()
    whole = (0, len(case.text))
    if found := PREAMBLE.match(text.lstrip("*#_ ")[:120]):
        return _flaw("it begins like a reply; write the question alone", found.span(), True)
    # Markdown's marks may stand before it.
    if (found := REPLIES.match(text.lstrip("*#_ ")[:120])) and not MARK.search(text):
        return _flaw("it replies in place of asking; write a question or a task", found.span(), True)
    if (
        MARK.search(text)
        or GAP.search(text)
        or _asks_by_words(case)
        or OPTIONS.search(text)
        or CODE.search(text)
    ):
        return None
    if OPEN_END.search(text) or any(c in text for c in "=+|$\\^") or text.endswith(","):
        return None
    ends = text[-1:] in ".。!！"
    if length(text) <= LONGEST_TITLE and not (ends and FINITE.search(text)):
        return _flaw(
            "it is a title and asks nothing; write a question or a task", whole, _is_title(text, case.topic)
        )
    sure = ends and text.isascii() and _states_only(text)
    return _flaw("it states something and asks nothing; write a question or a task", whole, sure)


def _is_title(text: str, topic: str) -> bool:
    """Whether a few words are surely a title: written like one, or named in the topic."""
    words = LONG_WORD.findall(text)
    named = {word.lower()[:5] for word in LONG_WORD.findall(topic)}
    return bool(words) and (
        all(word.lower()[:5] in named for word in words)
        or (len(words) > 1 and all(word[0].isupper() for word in words if word.lower() not in SMALL))
    )


SMALL = frozenset(
    ["with", "from", "into", "over", "under", "between", "about", "through", "their", "and", "for", "the"]
)


def _asks_by_words(case: Case) -> bool:
    text = case.text
    if text.isascii() and ASKS_EN.search(text):
        return True
    if any(found[1].lower() in TASK_EN for found in CLAUSE.finditer(text)):
        return True
    codes = ASKS if case.language is None else (case.language,)
    if any(code in ASKS and re.search(ASKS[code], text, re.IGNORECASE) for code in codes):
        return True
    # In a language without a word list everything may ask.
    return case.language is not None and case.language not in KNOWN


def _states_only(text: str) -> bool:
    """Whether every sentence of an English text is a statement."""
    sentences = [sentence for sentence in SENTENCES.split(text) if sentence.strip()]
    return all(
        FINITE.search(sentence) and (STATES.match(sentence) or not BIDS.match(sentence))
        for sentence in sentences
    )


def _two_tasks(case: Case) -> Flaw | None:
    """Two tasks without a word in common: sure if they are numbered or the second is said to be another."""
    text = case.text
    labels = list(LABELLED.finditer(text)) if any(c in text for c in "12１２一二") else []
    if len(labels) >= 2:
        first, second = text[labels[0].end() : labels[1].start()], text[labels[1].end() :]
        # What stands before the labels is common to both.
        if length(text[: labels[0].start()]) < 3 and _apart(first, second):
            return _two(labels[1].span(), True)
        return None
    if found := APART.search(text):
        first, second = text[: found.start()], text[found.end() :]
        if length(first) >= 4 and _apart(first, second) and _tasks(second):
            return _two(found.span(), True)
    marks = [found.end() for found in MARK.finditer(text) if found[0] != "¿"]
    if (
        len(marks) == 2
        and marks[1] >= len(text.rstrip()) - 1
        and _apart(text[: marks[0]], text[marks[0] : marks[1]])
    ):
        return _two((marks[0], marks[1]), False)
    return None


def _two(span: tuple[int, int], sure: bool) -> Flaw:
    return _flaw("it sets two tasks that have nothing in common; set one task that combines them", span, sure)


def _tasks(text: str) -> bool:
    return (
        MARK.search(text) is not None
        or ASKS_EN.search(text) is not None
        or any(found[1].lower() in TASK_EN for found in CLAUSE.finditer(text))
    )


def _apart(first: str, second: str) -> bool:
    """Whether two texts share no word that says something, and the second does not refer to the first."""
    if length(first) < 3 or length(second) < 3 or ANAPHOR.search(second):
        return False
    return not (_content(first) & _content(second))


def _content(text: str) -> set[str]:
    """The beginnings of a text's words that say something; pairs of characters where words are not spaced."""
    words = {word.lower()[:5] for word in LONG_WORD.findall(text) if word.lower() not in ASKING_WORDS}
    return words | set(DENSE_PAIR.findall(text))


# The concept's definition: asked for, and given.
ASKED = re.compile(
    r"\b(?:what (?:is|are)|define|what is meant by|what does|explain what|state the definition of"
    r"|definition of)"
    r" (?:the (?:concept|term|definition) (?:of )?)?(?:an? |the )?([a-z][\w' -]{2,50}?)(?: is| are| mean"
    r"| means)?(?=[?.,;:]| and\b|$)",
    re.IGNORECASE,
)
GIVEN = re.compile(
    r",? (?:(?:is|are) (?:an?|the|defined|known)|refers? to|means?|can be defined as) (?!\w+\?)(?=\w)",
    re.IGNORECASE,
)


def own_answer(case: Case) -> Flaw | None:
    """Whether a question seems to contain its answer: a flag."""
    text = case.text
    labelled = ANSWER_LABEL.search(text) if ":" in text or "：" in text else None
    found = labelled.span() if labelled else None
    if found is None and ("what" in case.plain or "defin" in case.plain):
        found = next(filter(None, (_given(text, asked) for asked in ASKED.finditer(text))), None)
    if found is None:
        return None
    return Flaw(OWN_ANSWER_ID, None, "it seems to contain its answer; leave the answer out", found, False)


def _given(text: str, asked: re.Match[str]) -> tuple[int, int] | None:
    """Where else in the text the concept that is asked for is defined."""
    concept = asked[1].strip().lower()
    # Not by a pattern for each concept: to compile it takes longer than all the rules.
    for given in GIVEN.finditer(text):
        start = given.start() - len(concept)
        apart = given.end() <= asked.start() or start >= asked.end()
        if not apart or start < 0 or text[start : given.start()].lower() != concept:
            continue
        if start == 0 or not (text[start - 1].isalnum() or text[start - 1] == "_"):
            return start, given.end()
    return None


RULES = (Rule(ID, no_task, KNOWN), Rule(OWN_ANSWER_ID, own_answer, frozenset(("en",))))
