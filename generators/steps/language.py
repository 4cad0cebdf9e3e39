"""Whether a text is in the language a job asks for: offline, in doubt yes.

A sample is rejected only where detection is sure of another language and finds nothing of the wanted one.
Code, formulas and quotations are left out of what is looked at, short texts and exercises that name the other
language ("Translate into Spanish ...") are left alone, and languages that detection confuses count as one.
"""

import re
from functools import cache
from typing import Any

# A text with fewer letters says too little, and the beginning of a longer one says enough.
FEWEST_LETTERS = 60
LOOKED_AT = 400
# Beyond this no part is looked at, whatever stands there.
LONGEST = 8000
# Normalised probabilities: another language is sure from here on, the wanted one is there from here on.
SURE, PRESENT = 0.9, 0.2
SHORTEST_PIECE = 12

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
# Words that together are sure signs of a language: three different ones, and the detector is not asked. It
# takes 0.1 ms a text, these 3 us.
_WORDS = {
    "de": "der die das und ist nicht eine einen mit für von zu wird werden wie sich auf",
    "en": "the of and to is are how that with which what from this by as between can you",
    "es": "el los las una del y por con cómo cuál son al sus",
    "fr": "les des une et est dans pour avec du qui sur vous",
    "it": "il gli della di sono per è nel delle alla dei",
    "nl": "het een van en niet met voor zijn wordt hoe dat tussen",
    "pt": "os uma do da não é em dos das ao são",
}
SIGNS = {code: frozenset(words.split()) for code, words in _WORDS.items()}
SIGNS_WANTED = 3

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
PIECES = re.compile(r"[.!?:;。！？：；\n]+")


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

    `topic`: what the text is about; where it names the other language, the text may well be in it.
    """
    if wanted is None or _has_signs(text, wanted):
        return False
    prose = LEFT_OUT.sub(" ", text[:LONGEST])
    beginning = prose[:LOOKED_AT]
    if sum(map(str.isalpha, beginning)) < _fewest(beginning):
        return False
    found, probability = _found(beginning)
    if found in _alike(wanted) or probability < SURE:
        return False
    return not _names(topic, found, wanted) and not _in_a_piece(prose, wanted)


def _has_signs(text: str, wanted: str) -> bool:
    signs = SIGNS.get(wanted)
    return signs is not None and len(signs.intersection(text[:LOOKED_AT].lower().split())) >= SIGNS_WANTED


def _fewest(text: str) -> int:
    """Letters needed; a third where one letter says as much as three of ours."""
    return FEWEST_LETTERS // 3 if any("\u3040" <= c <= "\ud7a3" for c in text) else FEWEST_LETTERS


def _in_a_piece(prose: str, wanted: str) -> bool:
    """Whether any sentence may be in the wanted language: the rest is then what it speaks of."""
    pieces = (piece for piece in PIECES.split(prose) if sum(map(str.isalpha, piece)) >= SHORTEST_PIECE)
    return any(_probability(piece, wanted) >= PRESENT for piece in pieces)


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
