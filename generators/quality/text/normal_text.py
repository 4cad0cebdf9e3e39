"""A text without the differences that mean nothing: form of characters, quotes, dashes, Markdown, case."""

import re
import unicodedata

_UNIFIED = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´`ʼ＇", "'"),
        **dict.fromkeys("“”„‟″«»＂", '"'),
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        "…": "...",
        "ё": "е",
        "Ё": "Е",
        # Arabic marks of vowels, and the stroke that only makes a word longer.
        **dict.fromkeys(map(chr, (*range(0x064B, 0x0653), 0x0640))),
        "\u00ad": None,
        "\u200b": None,
        "\u200c": None,
        "\u200d": None,
        "\ufeff": None,
    }
)
# Emphasis, code marks, headings, quotes and list marks: what Markdown adds to a text without saying more.
# Marks of emphasis come in pairs around words: a star between figures multiplies, one behind a letter may
# name an algebra.
_EMPHASIS = re.compile(
    r"(?<![\w)\]*])(\*\*\*|\*\*|\*|~~)(?=[^\s*~])((?:(?!\1).){1,4000}?)(?<=[^\s*])\1(?![\w(*])|__", re.DOTALL
)
_LINE_MARKS = re.compile(r"^[ \t]*(?:#{1,6}|>+|[-*+•])[ \t]+", re.MULTILINE)


def normal_text(text: str) -> str:
    """The text in NFKC and folded case, quotes and dashes in one form each, and without Markdown's marks."""
    # Unified twice: NFKC makes some of these characters from others, and takes some apart.
    unified = unicodedata.normalize("NFKC", text.translate(_UNIFIED)).translate(_UNIFIED)
    plain = _LINE_MARKS.sub("", unified)
    if "*" in plain or "__" in plain or "~~" in plain:
        plain = _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", plain))  # Twice, for emphasis within emphasis.
    return plain.casefold()
