"""Personal data in a text: e-mail addresses, telephone numbers, card numbers, IBANs, and keys of services.

Only what can be told by form and check digits: names and postal addresses are not found. What standards
reserve for examples (example.com, 555-01xx, AKIA...EXAMPLE) is nobody's and is left alone. A finding is a
reason to look, not to reject: questions of telephone systems or of check digits have numbers, too.
"""

import re
import string
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from generators.quality.flaws import has_any

RULE = "personal_data@1"


class PersonalData(StrEnum):
    """Kinds of personal data."""

    email = "email"
    phone = "phone"
    card = "card"
    iban = "iban"
    key = "key"


class Finding(NamedTuple):
    """A kind, and the characters text[start:end]."""

    kind: PersonalData
    start: int
    end: int


def found(text: str) -> list[Finding]:
    """What is found in a text, in its order; spans do not overlap."""
    kept: list[Finding] = []
    for finding in _all(text):
        if all(finding.end <= other.start or other.end <= finding.start for other in kept):
            kept.append(finding)
    return sorted(kept, key=lambda finding: finding.start)


def _all(text: str) -> Iterator[Finding]:
    """Findings that may overlap, the surer ones first."""
    figures = _figures(text)
    for kind, least, spans in (
        (PersonalData.key, 1, _keys),
        (PersonalData.iban, 2, _ibans),
        (PersonalData.card, 13, _cards),
        (PersonalData.email, 0, _emails),
        (PersonalData.phone, 6, _phones),
    ):
        # Most texts have too few figures for most kinds, and to count them takes a tenth of a pattern's time.
        if figures >= least:
            for start, end in spans(text):
                yield Finding(kind, start, end)


def _figures(text: str) -> int:
    """The number of figures in a text, or more where it has figures of other scripts, maybe."""
    return sum(map(text.count, string.digits)) if text.isascii() else len(text)


# E-mail addresses

_EMAIL = re.compile(
    r"(?<![\w.%+@-])[A-Za-z0-9](?:[\w.%+-]{0,62}[\w%+-])?@(?P<domain>(?:[A-Za-z0-9-]{1,63}\.){1,8}(?P<top>[A-Za-z]{2,24}))(?![\w@-])"
)
# RFC 2606 and RFC 6761.
_RESERVED = re.compile(r"(?:.*\.)?(?:example\.(?:com|net|org)|example|test|invalid|localhost|local)", re.I)
# In code with matrices `w@x.shape` is a product.
_ATTRIBUTES = {"shape", "dot", "mean", "sum", "reshape", "transpose", "conj", "flatten", "diagonal", "add"}


def _emails(text: str) -> Iterator[tuple[int, int]]:
    if "@" not in text:
        return
    for match in _EMAIL.finditer(text):
        if match["top"].lower() not in _ATTRIBUTES and not _RESERVED.fullmatch(match["domain"]):
            yield match.span()


# Telephone numbers

_PLUS = re.compile(r"(?<![\w+.)])\+[1-9]")
# North American numbers are the only ones written without a country code that their form gives away.
_AMERICAN = re.compile(r"(?<![\w.+/-])(?:\([2-9]\d\d\) ?|[2-9]\d\d-)[2-9]\d\d-\d{4}(?![\w-])")
_FICTIONAL = re.compile(r"1\d{3}55501\d\d|442079460\d{3}|441632960\d{3}|447700900\d{3}")


def _phones(text: str) -> Iterator[tuple[int, int]]:
    plus = {match.start() for match in _PLUS.finditer(text)} if "+" in text else ()
    american = list(_AMERICAN.finditer(text)) if "-" in text else []
    if not plus and not american:
        return
    import phonenumbers

    library: Any = phonenumbers
    for match in library.PhoneNumberMatcher(text, None) if plus else ():
        # The library takes a bracket before the plus along.
        start = text.find("+", match.start, match.end)
        if start in plus and _is_somebodys(match.number):
            yield start, match.end
    for match in american:
        number = library.parse(match[0], "US")
        if library.is_valid_number(number) and _is_somebodys(number):
            yield match.span()


def _is_somebodys(number: Any) -> bool:
    return not _FICTIONAL.fullmatch(f"{number.country_code}{number.national_number}")


# Card numbers

_CARD = re.compile(r"(?<![\w.,+-])\d(?:[ -]?\d){12,18}(?![\w-]|[.,]\d)")
# Issuers' numbers and their lengths: Visa, Mastercard, American Express, Discover, JCB, Diners Club.
_ISSUERS = re.compile(
    r"4\d{15}(?:\d{3})?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}"
)


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        # Groups of a card are written with one separator.
        if len(set(re.sub(r"\d", "", match[0]))) < 2 and _ISSUERS.fullmatch(digits) and _luhn(digits):
            yield match.span()


def _luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0


# IBANs

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d\d(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])")
# ISO 13616: lengths by country.
_BY_LENGTH = """
15 NO
16 BE
18 DK FK FI FO GL NL SD
19 MK SI
20 AT BA EE KZ LT LU MN XK
21 CH HR LI LV
22 BG BH CR DE GB GE IE ME RS VA
23 AE GI IL IQ OM SO TL
24 AD CZ ES MD PK RO SA SE SK TN VG
25 LY PT ST
26 IS TR
27 BI DJ FR GR IT MC MR SM
28 AL AZ BY CY DO GT HU LB NI PL SV
29 BR EG PS QA UA
30 JO KW MU YE
31 MT SC
32 LC
33 RU
"""
_LENGTHS = {
    country: int(line.split()[0]) for line in _BY_LENGTH.strip().splitlines() for country in line.split()[1:]
}


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    for match in _IBAN.finditer(text):
        start = match.start()
        length = _LENGTHS.get(match[0][:2], 0)
        # Words in capitals may follow, so the number is as long as its country has it.
        ends = [n for n, char in enumerate(match[0], start=1) if char != " "]
        if length and len(ends) >= length:
            end = start + ends[length - 1]
            whole = end >= len(text) or not text[end].isalnum()
            if whole and _mod_97(text[start:end].replace(" ", "")):
                yield start, end


def _mod_97(iban: str) -> bool:
    """Whether the check digits are right (ISO 7064)."""
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


# Keys of services

_KEY = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    r"sk-(?:proj-|ant-|or-)?[A-Za-z0-9_-]{20,200}"  # OpenAI, Anthropic, OpenRouter
    r"|gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_-]{20,64}"
    r"|hf_[A-Za-z0-9]{34,40}|npm_[A-Za-z0-9]{36}|pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,250}"
    r"|A(?:KIA|SIA)[A-Z2-7]{16}|AIza[A-Za-z0-9_-]{35}|xox[abeprs]-[A-Za-z0-9-]{10,250}"
    r"|[rs]k_live_[A-Za-z0-9]{20,250}|SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"
    r"|eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20,1000}"  # JSON Web Token
    r")(?![A-Za-z0-9_-])"
    r"|-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{64,10000}-----END"
)
KEY_MARKS = (
    *("sk-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "hf_", "npm_", "pypi-", "AKIA"),
    *("ASIA", "AIza", "xox", "k_live_", "SG.", "eyJ", "-----BEGIN"),
)
"""What a key begins with, or has near its beginning."""
LEAST_LETTERS = 8
"""Different characters of a key; placeholders such as sk-xxxxxxxx have fewer."""


def _keys(text: str) -> Iterator[tuple[int, int]]:
    if not has_any(text, KEY_MARKS):
        return
    for match in _KEY.finditer(text):
        various = len(set(match[0].lower())) >= LEAST_LETTERS and re.search(r"\d", match[0])
        if various and not re.search(r"example|your|placeholder|dummy", match[0], re.I):
            yield match.span()
