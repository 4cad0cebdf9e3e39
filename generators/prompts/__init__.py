"""One prompt per file, named after the step that uses it; `render` fills it in."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined

# Prompts are plain text: nothing is escaped, and a missing value is an error.
_ENVIRONMENT = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)


def source(name: str) -> str:
    """The text of a prompt file."""
    return files("generators.prompts").joinpath(f"{name}.jinja").read_text(encoding="utf-8")


@cache
def _template(name: str) -> Any:
    return _ENVIRONMENT.from_string(source(name))


def render(name: str, **values: Any) -> str:
    """A prompt with its values filled in."""
    return _template(name).render(**values).strip()


@cache
def prompt_hash(*names: str) -> str:
    """A hash of the texts of these prompts, as 16 hexadecimal digits."""
    return hashlib.blake2b("\0".join(source(name) for name in names).encode(), digest_size=8).hexdigest()
