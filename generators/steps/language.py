"""Whether a text is in the language a job asks for: offline, in doubt yes.

A sample is rejected only where all signs are of another language and none is of the wanted one: a detector is
sure, and the little words that hold sentences together (the, und, que) are the other language's, or the
script is. Formulas, code, and lists of names and terms hold no such words, in whatever language they are:
they are left alone, and so are short texts, quotations, exercises that name the other language ("Translate
into Spanish ...") or are written in its script, and languages that detection confuses.
"""

import re
from functools import cache
from typing import Any

# A text with fewer letters says too little, and the beginning of a longer one says enough.
FEWEST_LETTERS = 60
LOOKED_AT = 1200
# Beyond this no part is looked at, whatever stands there.
LONGEST = 8000
# Normalised probability from which the detector is sure of another language.
SURE = 0.9
# Another language is sure with this number of different words of its own, this part of all words, and this
# many times as many as there are of the wanted one.
OWN_WORDS, OWN_SHARE, TIMES_AS_MANY = 3, 0.08, 5
# Words between two marks, on average: a text of fewer is a list.
SHORTEST_PHRASE = 4
# A sentence of so many words may be in the wanted language from this probability on.
FEWEST_WORDS, PRESENT = 4, 0.5
# Letters in a line: a text of shorter ones is a list.
LIST_LINE = 12

# Languages, as the detector calls them, that are written so alike that it confuses them.
ALIKE = (
    frozenset(("no", "nb", "nn", "da")),
    frozenset(("zh", "cmn", "yue", "wuu", "hak", "gan")),
    frozenset(("sr", "hr", "bs", "sh", "cnr")),
    frozenset(("id", "ms", "jv", "ace")),
    frozenset(("pt", "gl")),
    frozenset(("en", "pcm")),
    frozenset(("es", "ext", "an", "ast")),
    frozenset(("cs", "sk")),
    frozenset(("de", "lb")),
    frozenset(("ar", "arz", "ary")),
    frozenset(("it", "vec", "lij")),
    frozenset(("fr", "wa")),
    frozenset(("fa", "prs")),
    frozenset(("hi", "mr", "ne", "sa")),
    frozenset(("tr", "crh")),
    frozenset(("bg", "mk")),
    frozenset(("ku", "sdh")),
    frozenset(("uz", "uzs")),
    frozenset(("tl", "fil", "bcl")),
    frozenset(("lv", "ltg")),
    frozenset(("zu", "xh")),
    frozenset(("nso", "st", "tn")),
)
# The words that hold sentences together, without those that programs are written in. Three different ones of
# the wanted language, and nothing more is asked: the detector takes 0.1 ms per text, these 3 us.
_WORDS = {
    "ar": "في من على إلى التي الذي هذا هذه عن مع بين ما كيف أن كان ذلك هو هي",
    "cs": "je jsou se na že který která které jak nebo pro jako podle mezi při byl také",
    "da": "og er det den til som på med ikke af for hvordan mellem kan har eller fra",
    "de": "der die das und ist nicht eine einen mit für von zu wird werden wie sich auf dem den des im durch "
    "sie ihre ihren bei zum zur oder als auch",
    "en": "the of to are how that which what this between can you it its their they was were be has have",
    "es": "el los las una del con cómo cuál son al sus que la es para por entre como se",
    "fa": "در از به که این است را با برای آن می شود های بین چگونه",
    "fi": "ja on ei se että joka ovat kuin miten tai myös mutta ovatko välillä sen niiden",
    "fr": "les des une et est dans pour avec du qui sur vous la le que comment cette ce par entre",
    "hi": "है के की में और का से को हैं यह कि पर एक कैसे",
    "hu": "és az hogy nem egy van között hogyan vagy mint ez a amely",
    "id": "dan yang di dari dengan untuk ini itu adalah pada dalam bagaimana antara oleh",
    "it": "il gli della di sono per è nel delle alla dei che come una con tra lo questo",
    "nl": "het een van en niet met voor zijn wordt hoe dat tussen deze die door naar ook bij",
    "no": "og er det den til som på med ikke av for hvordan mellom kan har eller fra",
    "pl": "jest się na nie że oraz jak który która które przez dla między lub są jego",
    "pt": "os uma do da não é em dos das ao são que como para com entre por na no",
    "ro": "și este în de la cu care pe pentru sunt din cum dintre sau prin unei",
    "ru": "и в на не что как для между это от является при по из или его которые",
    "sv": "och är det den till som på med inte av för hur mellan kan har eller från att",
    "tr": "ve bir bu ile için nasıl olarak arasında olan da de veya gibi ne daha",
    "uk": "і в на не що як для між це від є при по із або його які та",
    "vi": "và của là các có trong được cho với những một như thế nào giữa này",
}
SIGNS = {code: frozenset(words.split()) for code, words in _WORDS.items()}
SIGNS_WANTED = 3
# Letters that the one language has and the other has not; each counts as a word of its own.
LETTERS = {"ru": "ыэъё", "uk": "іїєґ"}

# Scripts whose letters make a text of some length surely none of another script's language.
_RANGES = {
    "kana": "\u3040-\u30ff",
    "Han": "\u3400-\u9fff",
    "Hangul": "\uac00-\ud7a3",
    "Cyrillic": "\u0400-\u04ff",
    "Arabic": "\u0600-\u06ff",
    "Hebrew": "\u0590-\u05ff",
    "Devanagari": "\u0900-\u097f",
    "Bengali": "\u0980-\u09ff",
    "Tamil": "\u0b80-\u0bff",
    "Telugu": "\u0c00-\u0c7f",
    "Thai": "\u0e00-\u0e7f",
    "Georgian": "\u10a0-\u10ff",
    "Armenian": "\u0530-\u058f",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Latin": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
}
SCRIPTS = {name: re.compile(f"[{letters}]") for name, letters in _RANGES.items()}
# As langcodes calls scripts, by the names above.
WRITTEN_IN = {
    "Jpan": ("kana", "Han"),
    "Kore": ("Hangul",),
    "Hans": ("Han",),
    "Hant": ("Han",),
    "Cyrl": ("Cyrillic",),
    "Arab": ("Arabic",),
    "Hebr": ("Hebrew",),
    "Deva": ("Devanagari",),
    "Beng": ("Bengali",),
    "Taml": ("Tamil",),
    "Telu": ("Telugu",),
    "Thai": ("Thai",),
    "Geor": ("Georgian",),
    "Armn": ("Armenian",),
    "Grek": ("Greek",),
    "Latn": ("Latin",),
}
# The part of a text's letters that a script must have, and how much of the wanted one's may be among them.
MAIN, TRACE = 0.7, 0.1
# Characters of Chinese that Japanese does not write, or writes otherwise.
CHINESE = frozenset(
    "这這们們吗嗎说說从從对對让讓给么麼没沒时个过发应该开动问题关样进运长间计释请绿况决实验线红轻张产业处类质观"
    "语认识规则边变很它您哪吧啊"
)
FEWEST_CHINESE = 3

# Names of several languages at once: nobody can say which one is meant.
SEVERAL = re.compile(r"[,/;&+]|\b(?:and|or|with|und|oder|mit|et|ou|avec|y|o|con|e)\b", re.IGNORECASE)
TAG = re.compile(r"[A-Za-z]{2}(?:[-_][A-Za-z0-9]{2,8})*")
# A quotation with single marks is left in: they are apostrophes too.
LEFT_OUT = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`"
    r"|\$\$.*?\$\$|\$[^$\n]*\$|\\\[.*?\\\]|\\\(.*?\\\)|\\begin\{(\w+\*?)\}.*?\\end\{\1\}|\\[A-Za-z]+"
    r"|\"[^\"\n]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|»[^«]*«|「[^」]*」"
    r"|<[^<>\n]*>|https?://\S+|^(?: {4}|\t)[^\n]*|^ *>[^\n]*",
    re.DOTALL | re.MULTILINE,
)
WORDS = re.compile(r"[^\W\d_]+(?:[\u0900-\u097f]+[^\W\d_]*)*")
# A line of a program that stands in no fence.
CODE = re.compile(
    r"[;{}]\s*$|[=!<>]=|=>|->|:=|::|</|/>|\w\(.*\)\s*:?\s*$"
    r"|^\s*(?:def|class|import|from|return|if|elif|else|for|while|print|var|let|const|function|public"
    r"|private|SELECT|INSERT|UPDATE|DELETE|CREATE|WHERE|JOIN|#include|//|#|\$ ).*[\[({:;=]"
    r"|^\s*SELECT\b"
)
PIECES = re.compile(r"[.!?:;。！？：；\n]+")
PHRASES = re.compile(r"[.!?:;,。！？：；，、\n•]+")


@cache
def code_of(name: str) -> str | None:
    """The detector's code for a language as people write it ("simple German"); None: not known, no check."""
    import langcodes

    name = name.strip()
    if TAG.fullmatch(name) and langcodes.tag_is_valid(name):
        return _checkable(langcodes.Language.get(name))
    if SEVERAL.search(name):
        return None
    words = name.split()
    # "simple German", "plain British English": what stands before the name of a language describes it.
    for n in range(len(words)):
        try:
            return _checkable(langcodes.find(" ".join(words[n:])))
        except LookupError:
            continue
    return None


def _checkable(language: Any) -> str | None:
    """The code where the detector knows the language, written as it usually is."""
    usual = language.__class__.get(language.language).maximize().script
    code = language.language
    if language.script not in (None, usual) and not _alike(code) & {"zh", "sr"}:
        return None
    return code if _alike(code) & _known() else None


def is_other(text: str, wanted: str | None, topic: str = "") -> bool:
    """Whether a text is surely in another language than `wanted` (a code of `code_of`; None: never).

    `topic`: what the text is about; where it names the other language or is written in its script, the text
    may well be in it.
    """
    if wanted is None or _has_signs(text, wanted):
        return False
    prose = _without_code(LEFT_OUT.sub(" ", text[:LONGEST]))[:LOOKED_AT]
    letters = sum(map(str.isalpha, prose))
    if letters < _fewest(prose):
        return False
    script = _main_script(prose, letters)
    if script is None:
        return False
    if script in ("Han", "kana") and _alike(wanted) & {"zh", "ja"}:
        return _is_the_other_of_chinese_and_japanese(prose, wanted)
    if script != "Latin" and not _is_of(script, wanted):
        return _script_is_other(prose, letters, script, wanted, topic)
    return _words_are_other(prose, wanted, topic)


def _has_signs(text: str, wanted: str) -> bool:
    signs = SIGNS.get(wanted)
    return (
        signs is not None and len(signs.intersection(WORDS.findall(text[:LOOKED_AT].lower()))) >= SIGNS_WANTED
    )


def _fewest(text: str) -> int:
    """Letters needed; a third where one letter says as much as three of ours."""
    return FEWEST_LETTERS // 3 if any("\u3040" <= c <= "\ud7a3" for c in text) else FEWEST_LETTERS


def _without_code(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not CODE.search(line))


def _main_script(text: str, letters: int) -> str | None:
    """The script that most letters are of; Japanese is Han with kana."""
    counts = {name: len(pattern.findall(text)) for name, pattern in SCRIPTS.items()}
    if counts["kana"]:
        counts["kana"] += counts.pop("Han")
    name = max(counts, key=lambda name: counts[name])
    return name if counts[name] >= MAIN * letters else None


@cache
def _scripts_of(code: str) -> tuple[str, ...]:
    """The scripts a language is written in; none where that is not known."""
    import langcodes

    return WRITTEN_IN.get(langcodes.Language.get(code).maximize().script or "", ())


def _is_of(script: str, wanted: str) -> bool:
    """Whether a language may be written in a script; in doubt it is."""
    scripts = _scripts_of(wanted)
    return not scripts or script in scripts or bool(_alike(wanted) & {"sr", "uz", "az", "kk", "mn", "ku"})


def _script_is_other(text: str, letters: int, script: str, wanted: str, topic: str) -> bool:
    """For a text in another script than the wanted language's."""
    own = sum(len(SCRIPTS[name].findall(text)) for name in _scripts_of(wanted))
    if own > TRACE * letters or len(SCRIPTS[script].findall(topic)) >= SIGNS_WANTED:
        return False
    found, _ = _found(text)
    # A list of words in another script may be what an exercise asks for.
    return len(text.split("\n")) <= letters / LIST_LINE and not _names(topic, found, wanted)


def _is_the_other_of_chinese_and_japanese(text: str, wanted: str) -> bool:
    kana = len(SCRIPTS["kana"].findall(text))
    if _alike(wanted) & {"zh"}:
        return kana > TRACE * len(text)
    return wanted == "ja" and not kana and len(CHINESE.intersection(text)) >= FEWEST_CHINESE


def _words_are_other(text: str, wanted: str, topic: str) -> bool:
    """For a text in a script of several languages: by its little words, and the detector has to agree."""
    found, probability = _found(text)
    if found in _alike(wanted) or probability < SURE:
        return False
    code = next((code for code in sorted(_alike(found)) if code in SIGNS), None)
    if code is None or _names(topic, found, wanted):
        return False
    words = WORDS.findall(text.lower())
    ours = frozenset[str]().union(*(SIGNS.get(code, frozenset()) for code in _alike(wanted)))
    theirs = [word for word in words if word in SIGNS[code] - ours]
    theirs += [c for c in LETTERS.get(code, "") if wanted in LETTERS for _ in range(text.lower().count(c))]
    own = [word for word in words if word in ours - SIGNS[code]]
    if len(set(theirs)) < OWN_WORDS or len(theirs) < OWN_SHARE * len(words):
        return False
    # Titles and names have little words too, but stand in lists.
    if len(words) < SHORTEST_PHRASE * len([part for part in PHRASES.split(text) if part.strip()]):
        return False
    return len(theirs) >= TIMES_AS_MANY * len(own) and not _in_a_piece(text, wanted, ours)


def _in_a_piece(prose: str, wanted: str, ours: frozenset[str]) -> bool:
    """Whether any sentence may be in the wanted language: the rest is then what it speaks of."""
    for piece in PIECES.split(prose):
        words = WORDS.findall(piece.lower())
        if len(words) >= FEWEST_WORDS and (
            len(ours.intersection(words)) * 4 >= len(words) or _probability(piece, wanted) >= PRESENT
        ):
            return True
    return False


def _names(topic: str, found: str, wanted: str) -> bool:
    """Whether `topic` names the language that was found, in the wanted one or in English."""
    import langcodes

    language = langcodes.Language.get(found)
    names = {language.display_name(code).casefold() for code in (wanted, "en")}
    return any(name in topic.casefold() for name in names)


@cache
def _alike(code: str) -> frozenset[str]:
    """The codes that count as this one."""
    return frozenset((code,)).union(*(group for group in ALIKE if code in group))


@cache
def _detector() -> Any:
    """Half a second and 60 MB, once, and only where a job's language is known."""
    from py3langid import langid

    identifier: Any = langid.LanguageIdentifier
    return identifier.from_model_file(langid.MODEL_FILE, norm_probs=True)


@cache
def _known() -> frozenset[str]:
    return frozenset(_detector().labels)


def _found(text: str) -> tuple[str, float]:
    """The likeliest language and its probability, those alike together."""
    ranked: list[tuple[str, float]] = _detector().rank(text)
    code = ranked[0][0]
    return code, sum(probability for other, probability in ranked if other in _alike(code))


def _probability(text: str, wanted: str) -> float:
    return sum(probability for code, probability in _detector().rank(text) if code in _alike(wanted))
