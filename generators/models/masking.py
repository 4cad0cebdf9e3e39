"""Removes our keys from what an endpoint says, before it is stored, logged or shown.

Gateways repeat the request in their errors, including its headers, and a job's record keeps errors for ever.
"""

import html
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

HIDDEN = "[hidden]"
# Fewer letters are taken for a word such as EMPTY or ollama, given to servers that need no key.
SHORTEST_WORD = 12
SHORTEST_PLAIN = 8
# In a model's text only values of this length are hidden, which cannot be words of it.
SHORTEST_IN_TEXT = 16
SECRET_NAMES = re.compile(r"auth|key|token|secret|cookie|password|credential", re.IGNORECASE)
# Secrets recognised by their form, whoever owns them. An already shortened key (sk-...abcd) stays readable.
FORMS = (
    (re.compile(r"(?i)\b(Bearer|Basic)(\s+|%20)[A-Za-z0-9._~+/=-]{6,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"\b(?:sk|pk|gsk|xai|hf|nvapi|AIza|key)[-_]?[A-Za-z0-9][A-Za-z0-9_-]{23,}"), HIDDEN),
    (re.compile(r"(?<=://)[^/\s@:]*:[^/\s@]+(?=@)"), HIDDEN),
)


class Mask:
    """Hides keys and headers wherever they are repeated, in any encoding in use."""

    def __init__(self, keys: Iterable[str | None] = (), headers: Mapping[str, str] | None = None) -> None:
        headers = headers or {}
        secret = [key.strip() for key in keys if key]
        secret += [value for name, value in headers.items() if SECRET_NAMES.search(name)]
        # "Bearer abc" may be repeated as "abc".
        secret += [value.rpartition(" ")[2] for value in secret if " " in value]
        others = [value for value in headers.values() if len(value) >= SHORTEST_PLAIN]
        self._known = _pattern([value for value in secret if _is_secret(value)] + others)
        self._whole = [value.encode() for value in secret if len(value) >= SHORTEST_IN_TEXT]

    def text(self, text: str) -> str:
        """An error, a reason or a log line without secrets."""
        if self._known:
            text = self._known.sub(HIDDEN, text)
        for form, instead in FORMS:
            text = form.sub(instead, text)
        return text

    def error(self, content: bytes) -> bytes:
        """The body of an error without secrets."""
        return self.text(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def reply(self, content: bytes) -> bytes:
        """The body of a reply without our keys; nothing else in a model's text is changed."""
        for value in self._whole:
            if value in content:
                content = content.replace(value, HIDDEN.encode())
        return content


def _is_secret(value: str) -> bool:
    return len(value) >= SHORTEST_WORD or (not value.isalpha() and len(value) > 3)


def _pattern(values: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern for the values, as in plain text, JSON, URLs and HTML, the longest first; None for none."""
    forms: set[str] = set()
    for value in values:
        forms |= {value, value.replace("/", "\\/"), quote(value), quote(value, safe=""), html.escape(value)}
    if not forms:
        return None
    words = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    # Whole words only, because a short key may be part of many words.
    return re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])")
