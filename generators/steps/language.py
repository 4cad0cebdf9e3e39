"""Tells offline whether a text is in the language a job asks for; in doubt it is.

A sample is rejected only if all signs are of another language and none is of the wanted one: a detector is
sure, and the function words (the, und, que), or the script, are the other language's. Formulas, code, and
lists of names and terms have no function words, in any language: they are accepted, and so are short texts,
quotations, exercises that name the other language ("Translate into Spanish ...") or are written in its
script, and languages that the detector confuses.
"""

import re
from functools import cache
from typing import Any

# A text with fewer letters is too short to judge; of a longer one, this many characters are judged.
FEWEST_LETTERS = 60
LOOKED_AT = 1200
# Characters after which nothing is examined, even if most of the text before is code or quotations.
LONGEST = 8000
# Normalised probability from which on the detector is sure of another language.
SURE = 0.9
# Another language is sure with at least this number of different function words, which are this part of all
# words, and this many times as many as those of the wanted language.
OWN_WORDS, OWN_SHARE, TIMES_AS_MANY = 3, 0.08, 5
# Mean words between two punctuation marks: a text with fewer is a list.
SHORTEST_PHRASE = 4
# A sentence of at least this many words may be in the wanted language, from this probability on.
FEWEST_WORDS, PRESENT = 4, 0.5
# Mean letters per line: a text with shorter lines is a list.
LIST_LINE = 12

# Groups of languages, by the detector's codes, that it confuses because they are written alike.
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
# Function words, without those used in programs. A text with three different ones of the wanted language is
# accepted at once: the detector takes 0.1 ms per text, these 3 us.
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
# Letters that one language of a pair has and the other has not; each counts as a function word.
LETTERS = {"ru": "ыэъё", "uk": "іїєґ"}

# Scripts: a text of some length mainly in one of them is surely not in a language of another script.
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
# Our names of scripts, by those of langcodes.
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
# The part of a text's letters that make a script its main script, and the part up to which the wanted
# language's letters are only traces.
MAIN, TRACE = 0.7, 0.1
# Chinese characters that Japanese does not use, or writes differently.
CHINESE = frozenset(
    "这這们們吗嗎说說从從对對让讓给么麼没沒时个过发应该开动问题关样进运长间计释请绿况决实验线红轻张产业处类质观"
    "语认识规则边变很它您哪吧啊"
)
FEWEST_CHINESE = 3

# Several languages in one name: it is unclear which is meant.
SEVERAL = re.compile(r"[,/;&+]|\b(?:and|or|with|und|oder|mit|et|ou|avec|y|o|con|e)\b", re.IGNORECASE)
TAG = re.compile(r"[A-Za-z]{2}(?:[-_][A-Za-z0-9]{2,8})*")
# Code, formulas, quotations and links. Single quotation marks are not among them: they may be apostrophes.
LEFT_OUT = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`"
    r"|\$\$.*?\$\$|\$[^$\n]*\$|\\\[.*?\\\]|\\\(.*?\\\)|\\begin\{(\w+\*?)\}.*?\\end\{\1\}|\\[A-Za-z]+"
    r"|\"[^\"\n]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|»[^«]*«|「[^」]*」"
    r"|<[^<>\n]*>|https?://\S+|^(?: {4}|\t)[^\n]*|^ *>[^\n]*",
    re.DOTALL | re.MULTILINE,
)
WORDS = re.compile(r"[^\W\d_]+(?:[\u0900-\u097f]+[^\W\d_]*)*")
# A line of code outside a fence.
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
    """The detector's code for a language as people write it ("simple German"); None: cannot be checked."""
    import langcodes

    name = name.strip()
    if TAG.fullmatch(name) and langcodes.tag_is_valid(name):
        return _checkable(langcodes.Language.get(name))
    if SEVERAL.search(name):
        return None
    words = name.split()
    # "simple German", "plain British English": the words before a language's name describe it.
    for n in range(len(words)):
        try:
            return _checkable(langcodes.find(" ".join(words[n:])))
        except LookupError:
            continue
    return None


def _checkable(language: Any) -> str | None:
    """The code of a language that the detector knows in its usual script; else None."""
    usual = language.__class__.get(language.language).maximize().script
    code = language.language
    if language.script not in (None, usual) and not _alike(code) & {"zh", "sr"}:
        return None
    return code if _alike(code) & _known() else None


def is_other(text: str, wanted: str | None, topic: str = "") -> bool:
    """Whether a text is surely in another language than `wanted` (a code from `code_of`; None: never).

    `topic`: what the text is about; if it names the other language or is written in its script, the text may
    be in that language.
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
    """Letters needed to judge a text; a third if it has kana, Han or Hangul, which say more per letter."""
    return FEWEST_LETTERS // 3 if any("\u3040" <= c <= "\ud7a3" for c in text) else FEWEST_LETTERS


def _without_code(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not CODE.search(line))


def _main_script(text: str, letters: int) -> str | None:
    """The script of at least MAIN of the letters, or None; Han together with kana counts as kana."""
    counts = {name: len(pattern.findall(text)) for name, pattern in SCRIPTS.items()}
    if counts["kana"]:
        counts["kana"] += counts.pop("Han")
    name = max(counts, key=lambda name: counts[name])
    return name if counts[name] >= MAIN * letters else None


@cache
def _scripts_of(code: str) -> tuple[str, ...]:
    """The scripts in which a language is written; empty if they are not known."""
    import langcodes

    return WRITTEN_IN.get(langcodes.Language.get(code).maximize().script or "", ())


def _is_of(script: str, wanted: str) -> bool:
    """Whether a language may be written in a script; in doubt it may."""
    scripts = _scripts_of(wanted)
    return not scripts or script in scripts or bool(_alike(wanted) & {"sr", "uz", "az", "kk", "mn", "ku"})


def _script_is_other(text: str, letters: int, script: str, wanted: str, topic: str) -> bool:
    """Judges a text in another script than the wanted language's."""
    own = sum(len(SCRIPTS[name].findall(text)) for name in _scripts_of(wanted))
    if own > TRACE * letters or len(SCRIPTS[script].findall(topic)) >= SIGNS_WANTED:
        return False
    found, _ = _found(text)
    # An exercise may ask for a list of words in another script.
    return len(text.split("\n")) <= letters / LIST_LINE and not _names(topic, found, wanted)


def _is_the_other_of_chinese_and_japanese(text: str, wanted: str) -> bool:
    kana = len(SCRIPTS["kana"].findall(text))
    if _alike(wanted) & {"zh"}:
        return kana > TRACE * len(text)
    return wanted == "ja" and not kana and len(CHINESE.intersection(text)) >= FEWEST_CHINESE


def _words_are_other(text: str, wanted: str, topic: str) -> bool:
    """Judges a text in a script of several languages: its function words and the detector must agree."""
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
    # Titles and names have function words too, but are in lists.
    if len(words) < SHORTEST_PHRASE * len([part for part in PHRASES.split(text) if part.strip()]):
        return False
    return len(theirs) >= TIMES_AS_MANY * len(own) and not _in_a_piece(text, wanted, ours)


def _in_a_piece(prose: str, wanted: str, ours: frozenset[str]) -> bool:
    """Whether any sentence may be in the wanted language; the rest may then be its subject matter."""
    for piece in PIECES.split(prose):
        words = WORDS.findall(piece.lower())
        if len(words) >= FEWEST_WORDS and (
            len(ours.intersection(words)) * 4 >= len(words) or _probability(piece, wanted) >= PRESENT
        ):
            return True
    return False


def _names(topic: str, found: str, wanted: str) -> bool:
    """Whether `topic` names the language found, in the wanted language or in English."""
    import langcodes

    language = langcodes.Language.get(found)
    names = {language.display_name(code).casefold() for code in (wanted, "en")}
    return any(name in topic.casefold() for name in names)


@cache
def _alike(code: str) -> frozenset[str]:
    """The codes of languages that count as this one."""
    return frozenset((code,)).union(*(group for group in ALIKE if code in group))


@cache
def _detector() -> Any:
    """The language detector; takes half a second and 60 MB, once, if a job's language can be checked."""
    from py3langid import langid

    identifier: Any = langid.LanguageIdentifier
    return identifier.from_model_file(langid.MODEL_FILE, norm_probs=True)


@cache
def _known() -> frozenset[str]:
    return frozenset(_detector().labels)


def _found(text: str) -> tuple[str, float]:
    """The likeliest language, and its probability together with languages alike."""
    ranked: list[tuple[str, float]] = _detector().rank(text)
    code = ranked[0][0]
    return code, sum(probability for other, probability in ranked if other in _alike(code))


def _probability(text: str, wanted: str) -> float:
    return sum(probability for code, probability in _detector().rank(text) if code in _alike(wanted))
