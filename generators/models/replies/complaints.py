"""Tells by the words of an endpoint's refusal what it is about.

There is no standard for them: each kind is recognised by the words that servers and gateways are known to
use. All functions expect the words in lower case.
"""

# ruff: noqa: E501  (a pattern is read best on one line)

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

LONGEST = 4000
# Fields that repeat the request, and so do not say what is wrong with it.
_REPEATED = ("input", "flagged_input", "ctx", "url", "request", "request_body", "body", "prompt", "user_id")

_KEY = re.compile(
    r"api[_ -]?key[_ -]?(?:in)?valid|invalid[_ -]api[_ -]?key|api_key_(?:invalid|expired)|expired_?token"
    r"|(?:api|access|subscription|auth\w*|security)[ _-]?(?:key|token)s?\b[^.\n]{0,60}?\b"
    r"(?:invalid|expired|not valid|incorrect|missing|required|revoked|disabled|suspended|deleted|wrong|unknown)"
    r"|(?:invalid|expired|incorrect|missing|wrong|revoked|unknown|no)\b[^.\n]{0,30}?"
    r"\b(?:api|access|subscription|authentication)[ _-]?(?:key|token)"
    r"|(?:invalid|missing|no|bad|wrong)\b[^.\n]{0,20}?\bcredentials"
    r"|unauthenticated|unauthorized|authentication[_ ](?:error|failed|fails|required)"
    r"|credit balance is too low|insufficient[_ ](?:balance|credits?|funds|quota)|billing[_ ](?:hard|not|is)"
    r"|arrearage|payment required"
    r"|(?:account|organi[sz]ation|workspace|project|user|subscription)\b[^.\n]{0,60}?"
    r"\b(?:suspended|deactivated|disabled|banned|restricted|terminated|blocked|overdue|delinquent|not active)"
)
_MODEL = re.compile(
    r"model[_ -]?(?:not[_ -]?found|decommissioned|deprecated|not[_ -]?supported|does not exist)|deploymentnotfound"
    r"|(?:the )?(?:requested )?model\b[^.\n]{0,100}?\b(?:does not exist|not found|is not a valid model|"
    r"has been (?:decommissioned|deprecated|retired|removed)|is not available)"
    r"|(?:unknown|no such|not a valid) model\b|invalid model (?:name|id)"
)
_FILTER = re.compile(
    r"content[_ -]?(?:filter|policy|management|moderation|exists risk|safety)|contentfilter|responsibleai"
    r"|data[_ -]?inspection|inappropriate content|moderation|guardrail|flagged|prohibited[_ ]content|blocklist"
    r"|usage polic|safety (?:system|filter|setting|reason|polic|check)|unsafe|harmful|jailbreak"
    r"|(?:prompt|input|request|content|message|text)s?\b[^.\n]{0,50}?\b(?:was|were|is|are|been|got)? ?"
    r"(?:blocked|rejected by|filtered|disallowed|violat|sensitive|inappropriate)"
    r"|violat\w+ [^.\n]{0,40}polic|blocked by [^.\n]{0,40}(?:safety|polic|filter)|sensitive (?:content|words?)"
)
_RATE = re.compile(r"per[ _-]?(?:minute|min|second|hour|day)|\b[tr]p[md]\b|rate[_ -]?limit")
_FORMAT = re.compile(
    r"response[_ -]?format|responseformat|json[_ -]?(?:schema|object|mode|output)|structured[_ -]?(?:output|generation)"
    r"|grammar|guided|constrained|\bschema\b|json output"
)
# For 404 and 500, whose messages are vague: words that can only mean the format.
_FORMAT_STRICT = re.compile(
    r"response[_ -]?format|json[_ -]?(?:schema|object|mode)|structured[_ -]?output|grammar|guided"
    r"|\bschema\b|handle the (?:requested |provided )?parameters|support (?:the |all )?(?:requested |provided )?parameters"
)
_TOKENS = re.compile(
    r"max[_ ]?(?:completion[_ ]|new[_ ]|output[_ ])?tokens|maxoutputtokens|(?:completion|output) tokens"
)
_COMPARED = re.compile(r"<=|>|between|limit|larger|too (?:high|big|many)")
# "max_tokens must be at most ...", in a message that mentions the context too.
_SUBJECT = re.compile(rf"(?:{_TOKENS.pattern})[`'\"]? (?:must|is|should|needs|cannot|has to|value)\b")
_NUMBER = re.compile(r"(?<![\w.\-])(?:\d{1,3}(?:,\d{3})+|\d+)(?![\w]|\.\d)")
_LOCATION = re.compile(r"loc\W+\[?\(?\W*body\W+(\w+)")
_EXTRA = re.compile(
    r"extra[_ ](?:inputs?|fields?|parameters?|forbidden|keys?)|(?:additional|unexpected|unknown|unrecogni[sz]ed|unsupported"
    r"|invalid|not supported|not allowed)[_ ](?:\w+ )?(?:propert|field|param|key|argument|input)"
)
# The context's size and how much of it is taken; the rest is left for the reply.
_ROOMS = tuple(
    re.compile(words, re.DOTALL)
    for words in (
        r"maximum context length is (?P<all>\d+) tokens.*?(?P<taken>\d+) (?:input tokens|(?:tokens )?(?:in|from) (?:the|your) (?:messages|prompt|input))",
        r"must be <= ?(?P<all>\d+)\. given: (?P<taken>\d+)",
        r"(?P<taken>\d+) \+ \d+ > (?P<all>\d+)",
    )
)  # fmt: skip
_SPELLINGS = {"top_p": r"top[ _-]?p", "seed": r"(?:random_)?seed"}
# Left out one after the other, in this order, if a server does not say which field it does not know.
SUSPECTS = ("seed", "top_p", "temperature")
FEWEST_TOKENS = 256


def words(value: Any) -> str:
    """All texts of an error, joined, without the fields that repeat the request."""
    return " ".join(_texts(value))[:LONGEST]


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        fields = cast(dict[str, Any], value)
        if "loc" in fields:
            yield f"loc {fields['loc']}"
        for name, inner in fields.items():
            if name not in _REPEATED and name != "loc":
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in cast(list[Any], value)[:20]:
            yield from _texts(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)[:LONGEST]


def names_key(told: str) -> bool:
    """Whether the key, the account or the model is refused."""
    return bool(_KEY.search(told) or _MODEL.search(told))


def names_filter(told: str) -> bool:
    """Whether a content filter refused the request."""
    return _FILTER.search(told) is not None


def names_rate(told: str) -> bool:
    """Whether a rate limit was reached."""
    return _RATE.search(told) is not None


def names_format(told: str, *, strictly: bool = False) -> bool:
    """Whether the form of structured output is refused; `strictly`: only by words that mean nothing else."""
    return (_FORMAT_STRICT if strictly else _FORMAT).search(told) is not None


def names_length(told: str) -> bool:
    """Whether the prompt does not fit the model's context."""
    return "context_length" in told or (
        any(word in told for word in ("context", "too long", "token", "inputs", "prompt is too"))
        and any(
            word in told
            for word in (
                "exceed",
                "maximum",
                "too long",
                "too many",
                "larger",
                "less than",
                "must be <=",
                "limit",
            )
        )
    )


def blamed(told: str, param: str | None, body: Mapping[str, Any], own: Iterable[str]) -> str | None:
    """The optional parameter that must be left out of the request; None if none is named.

    `own`: names of parameters that are not the protocol's. Of two parameters that exclude each other, the
    first in the order top_p, temperature, seed, own is left out.
    """
    optional = [name for name in ("top_p", "temperature", "seed", *own) if name in body]
    place = _LOCATION.search(told)
    for name in (param, place and place[1]):
        if name in optional:
            return name
    for name in optional:
        # The seed in "doubao-seed-1.6" is not the parameter.
        if re.search(rf"(?<![\w-]){_SPELLINGS.get(name, re.escape(name.lower()))}(?![\w-])", told):
            return name
    return None


def suspected(told: str, body: Mapping[str, Any], *, certain: bool = False) -> str | None:
    """The next parameter to leave out, if a refusal says that a field is unknown but not which one.

    `certain`: the caller knows that a field is unknown, whatever the words.
    """
    if not certain and (not _EXTRA.search(told) or _LOCATION.search(told)):
        return None
    return next((name for name in SUSPECTS if name in body), None)


def renamed(told: str) -> bool:
    """Whether `max_tokens` must be called `max_completion_tokens`."""
    return "max_completion_tokens" in told and not _numbers_of_tokens(told)


def _numbers_of_tokens(told: str) -> bool:
    return any(
        word in told
        for word in ("too large", "exceed", "at most", "maximum", "less than", "greater", "range")
    )


def cap(told: str, asked: int) -> int | None:
    """The maximum tokens of a reply that a refusal names, or half of `asked` if it names none.

    None if the refusal is not about that.
    """
    if not _TOKENS.search(told) or not (_numbers_of_tokens(told) or _COMPARED.search(told)):
        return None
    in_context = "context" in told
    if in_context and not _SUBJECT.search(told):
        return None
    numbers = [int(found.replace(",", "")) for found in _NUMBER.findall(told)]
    named = [number for number in numbers if 16 <= number < asked]
    if named:
        return max(named)
    return None if in_context or asked <= FEWEST_TOKENS else max(FEWEST_TOKENS, asked // 2)


def room(told: str, asked: int) -> int | None:
    """The tokens that the context leaves for this reply; None if they are not named, or too few."""
    for words_ in _ROOMS:
        if found := words_.search(told.replace(",", "")):
            left = int(found["all"]) - int(found["taken"])
            return left if max(FEWEST_TOKENS, asked // 4) <= left < asked else None
    return None


def names_room(told: str) -> bool:
    """Whether prompt and reply together exceed the context."""
    return any(words_.search(told.replace(",", "")) for words_ in _ROOMS)
