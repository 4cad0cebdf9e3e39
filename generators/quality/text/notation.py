r"""Formulas in one notation: without LaTeX's marks, superscripts as powers, signs as on a keyboard."""

import re
import unicodedata

_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ"
_PLAIN_SUPERSCRIPTS = str.maketrans(_SUPERSCRIPTS, "0123456789+-ni")
_POWER = re.compile(f"[{_SUPERSCRIPTS}]+")
_SIGNS = str.maketrans(
    {
        "×": "*",
        "·": "*",
        "⋅": "*",
        "∗": "*",
        "÷": "/",
        "⁄": "/",
        "∕": "/",
        "≤": "<=",
        "≥": ">=",
        "≠": "!=",
        "⩽": "<=",
        "⩾": ">=",
    }
)
_COMMANDS = {
    "cdot": "*", "times": "*", "ast": "*", "div": "/", "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=",
    "ne": "!=", "neq": "!=", "pm": "±", "infty": "∞", "to": "→", "rightarrow": "→", "in": "∈", "cup": "∪",
    "cap": "∩", "neg": "¬", "lnot": "¬", "land": "∧", "wedge": "∧", "lor": "∨", "vee": "∨", "subset": "⊂",
    "subseteq": "⊆", "supset": "⊃", "sum": "∑", "prod": "∏", "forall": "∀", "exists": "∃", "emptyset": "∅",
    "equiv": "≡", "int": "∫", "partial": "∂", "approx": "≈", "lt": "<", "gt": ">", "ldots": "...",
    "dots": "...", "cdots": "...", "left": "", "right": "", "big": "", "Big": "",
    "displaystyle": "", "limits": "",
    "quad": " ", "qquad": " ", "text": "", "mathrm": "", "mathbf": "", "textbf": "", "textit": "", "emph": "",
    "operatorname": "", "mathit": "", "mathbb": "", "begin": "", "end": "",
}  # fmt: skip
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_ROOT = re.compile(r"\\sqrt\s*\{([^{}]*)\}")
_WRAPPED = re.compile(
    r"\\(?:text|mathrm|mathbf|textbf|textit|emph|operatorname|mathit|mathbb)\s*\{([^{}]*)\}"
)
_COMMAND = re.compile(r"\\([A-Za-z]{2,20})(?![A-Za-z])")
_GROUP = re.compile(r"(?<=[\^_])\{([^{}]*)\}")
_BRACKETS = re.compile(r"\\[()\[\],;!]")
_FORMULA = re.compile(r"\$\$?([^$\n]{1,400}?)\$\$?")
_SCALE = r"(?:\s(million|billion|trillion|thousand)\b)?"
_AMOUNT = re.compile(rf"([$€£]) ?(\d(?:[\d,]*\d)?(?:\.\d+)?){_SCALE}|(?<=\d)\s?([€£])")
_CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds"}
_DEGREES = re.compile(r"\s?(?:°\s?([CF])\b|([℃℉])|°)")
_VULGAR = re.compile(r"(\d?)([¼-¾⅐-⅞])")
_RADICAL = re.compile(r"√\s?(?:(\w+)|(?=\())")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[\w+#.-]*[ \t]*$", re.MULTILINE)
_ALONE = re.compile(r"\w*\Z")


def plain_notation(text: str) -> str:
    r"""The text with formulas as typed on a keyboard: \frac{1}{2} is 1/2, x² is x^2, $5 is 5 dollars."""
    if not text.isascii():
        text = _POWER.sub(_as_power, _VULGAR.sub(_as_fraction, text)).translate(_SIGNS)
        text = _RADICAL.sub(lambda found: f"sqrt({found[1]})" if found[1] else "sqrt", text)
    if "```" in text or "~~~" in text:
        text = _FENCE.sub("\n", text)
    if "\\" in text:
        text = _without_commands(text)
    if "$" in text:
        text = _FORMULA.sub(_as_formula, text)
    if "$" in text or not text.isascii():
        text = _DEGREES.sub(_as_degrees, _AMOUNT.sub(_as_amount, text))
    return text


def _as_power(found: re.Match[str]) -> str:
    return "^" + found[0].translate(_PLAIN_SUPERSCRIPTS)


def _without_commands(text: str) -> str:
    text = _WRAPPED.sub(r"\1", text)
    text = _FRACTION.sub(lambda found: f"{_grouped(found[1])}/{_grouped(found[2])}", text)
    text = _ROOT.sub(r"sqrt(\1)", text)
    text = _COMMAND.sub(_as_sign, _BRACKETS.sub("", text))
    return _GROUP.sub(lambda found: _grouped(found[1]), text)


def _grouped(part: str) -> str:
    return part if _ALONE.match(part) else f"({part})"


def _as_sign(found: re.Match[str]) -> str:
    name = found[1]
    if (sign := _COMMANDS.get(name)) is not None:
        return sign
    size = "CAPITAL" if name[0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {size} LETTER {name.upper()}")
    except KeyError:
        return " " + name


def _as_formula(found: re.Match[str]) -> str:
    """What stands between two dollars, unless these are two prices."""
    inner = found[1]
    is_formula = (
        not inner[0].isspace()
        and not inner[-1].isspace()
        and not re.search(r"[A-Za-z]{3,} [A-Za-z]{2,}", inner)
    )
    return _GROUP.sub(lambda group: _grouped(group[1]), inner) if is_formula else found[0]


def _as_amount(found: re.Match[str]) -> str:
    if found[4]:
        return " " + _CURRENCIES[found[4]]
    return " ".join(part for part in (found[2], found[3], _CURRENCIES[found[1]]) if part)


def _as_degrees(found: re.Match[str]) -> str:
    scale = found[1] or found[2] or ""
    return " degrees" + (" Celsius" if scale in ("C", "℃") else " Fahrenheit" if scale else "")


def _as_fraction(found: re.Match[str]) -> str:
    """½ as 1/2, and behind a whole number with a blank, which NFKC leaves out: 2½ is 2 1/2."""
    return (found[1] + " " if found[1] else "") + unicodedata.normalize("NFKC", found[2])
