"""Separates a model's thinking from its reply: text in tags before the reply, in the spellings in use."""

import json
import re

_NAMES = "think|thinking|thought|thoughts|reason|reasoning|reflection|scratchpad|analysis|seed:think"
# How thinking begins, each with how it then ends.
_PAIRS = (
    (re.compile(rf"\s*<({_NAMES})\b[^<>]*>", re.IGNORECASE), r"</\s*{name}\s*>"),
    (re.compile(r"\s*\[(THINK)\]"), r"\[/THINK\]"),
    (re.compile(r"\s*<\|(begin_of_thought)\|>"), r"<\|end_of_thought\|>"),
    (re.compile(r"\s*◁(think)▷"), r"◁/think▷"),
)
# Many chat templates write the opening tag themselves, so that the reply has only the closing one.
_LONE_END = re.compile(
    rf"(?<!`)(?:</\s*(?:{_NAMES})\s*>|\[/THINK\]|<\|end_of_thought\|>|◁/think▷)(?!`)", re.IGNORECASE
)
_FINAL = re.compile(r"<\|channel\|>\s*final.*?<\|message\|>", re.DOTALL)
_CONTROL = re.compile(r"<\|[a-z_]+\|>")
# Models that mark their thinking like this mark the solution too.
_SOLUTION = re.compile(r"<\|(?:begin|end)_of_solution\|>")
# How a text begins in which a model speaks to itself, and not to others.
_ALOUD = re.compile(
    r"\s*(?:okay|ok|alright|all right|hmm+|wait|so|well|first|let me|let's|we need to|we have to|i need to"
    r"|i should|the user|the question is asking)\b[,.: ]",
    re.IGNORECASE,
)


def split(text: str) -> tuple[str, str, bool]:
    """(thinking, the rest, whether the thinking has an end); the thinking is empty for most texts."""
    if "<" not in text and "[" not in text and "◁" not in text:
        return "", text, True
    if "<|channel|>" in text:
        return _channels(text)
    thoughts: list[str] = []
    while found := _opening(text):
        begin, end = found
        closing = end.search(text, begin.end())
        if closing is None:
            return "\n".join([*thoughts, text[begin.end() :].strip()]), "", False
        thoughts.append(text[begin.end() : closing.start()].strip())
        text = text[closing.end() :]
    ending = None if thoughts or not _may_end(text) or _is_json(text) else _LONE_END.search(text)
    if ending is not None:
        return text[: ending.start()].strip(), _plain(text[ending.end() :]), True
    return "\n".join(thoughts), _plain(text) if thoughts else text, True


def aloud(text: str) -> bool:
    """Whether a text reads as if the model were speaking to itself."""
    return _ALOUD.match(text) is not None


def joined(thinking: str, text: str) -> str:
    """Thinking and text as one text, which `split` separates again."""
    return f"<think>\n{thinking}\n</think>\n{text}" if thinking else text


def _opening(text: str) -> tuple[re.Match[str], re.Pattern[str]] | None:
    first = text.lstrip()[:1]
    if first not in ("<", "[", "◁"):
        return None
    for begin, end in _PAIRS:
        if found := begin.match(text):
            return found, re.compile(end.format(name=re.escape(found[1])), re.IGNORECASE)
    return None


def _channels(text: str) -> tuple[str, str, bool]:
    """Splits the channels of gpt-oss, which a server without its template passes on unchanged."""
    finals = list(_FINAL.finditer(text))
    if not finals:
        return _CONTROL.sub(" ", text).strip(), "", False
    final = finals[-1]
    rest = text[final.end() :].partition("<|")[0]
    return _CONTROL.sub(" ", text[: final.start()]).strip(), rest.strip(), True


def _plain(text: str) -> str:
    return _SOLUTION.sub("", text).strip()


def _may_end(text: str) -> bool:
    """Whether a text may have a closing tag: a cheap check before the search."""
    return "</" in text or "[/T" in text or "<|end" in text or "◁/" in text


def _is_json(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[")) or not _LONE_END.search(text):
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
