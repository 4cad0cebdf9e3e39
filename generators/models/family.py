"""Families of models, by their names: a judge tends to like what its own family writes."""

import re
from collections.abc import Iterable

# Makers' names of the same family; what is not here is its own family.
FAMILIES = {
    "gpt": ("gpt", "chatgpt", "o1", "o3", "o4", "davinci", "openai"),
    "claude": ("claude", "anthropic"),
    "gemini": ("gemini", "gemma", "palm"),
    "llama": ("llama", "codellama", "vicuna", "alpaca", "tulu"),
    "qwen": ("qwen", "qwq", "qvq"),
    "mistral": ("mistral", "mixtral", "ministral", "codestral", "magistral", "devstral", "pixtral"),
    "cohere": ("command", "aya", "c4ai"),
    "granite": ("granite",),
    "smollm": ("smollm",),
}
WORD = re.compile(r"[a-z]+\d?")


def family(name: str) -> str:
    """The family of a model: of `Qwen/Qwen3-8B` it is qwen, and of `o4-mini` gpt."""
    own = name.casefold().replace("\\", "/").rsplit("/", 1)[-1]
    words = WORD.findall(own)
    for found, members in FAMILIES.items():
        if any(word == member or word.rstrip("0123456789") == member for word in words for member in members):
            return found
    first = re.match(r"[a-z]+", own)
    return first[0] if first else own


def partial(judge: str, names: Iterable[str], judges: str = "judges") -> list[str]:
    """Why a judge may prefer one of the models whose answers it reads; `judges`: the verb."""
    doubts: list[str] = []
    for name in names:
        if name == judge:
            doubts.append(f"{judge} {judges} its own answers, which judges tend to like; name another judge")
        elif family(name) == family(judge):
            doubts.append(
                f"{judge} is of the same family as {name}: such a judge tends to like what it reads"
            )
    return doubts
