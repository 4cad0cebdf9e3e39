"""Reads the token counts in `usage`: as numbers or text, with thinking counted apart, or not at all."""

from typing import Any, cast

# A larger number cannot be a number of tokens.
MOST_TOKENS = 10**9


def tokens(usage: Any) -> tuple[int | None, int | None]:
    """Tokens of the prompt, and of the completion with its thinking; None if not given or not a number."""
    if type(usage) is dict and (known := _plain(cast(dict[str, Any], usage))):
        return known
    if isinstance(usage, list) and len(cast(list[Any], usage)) == 1:
        usage = cast(Any, usage[0])
    if not isinstance(usage, dict):
        return None, None
    fields = cast(dict[str, Any], usage)
    prompt = _first(fields, ("prompt_tokens", "input_tokens", "prompt_eval_count"))
    completion = _first(fields, ("completion_tokens", "output_tokens", "eval_count"))
    if completion is None:
        return prompt, None
    return prompt, completion + _beside(fields, prompt or 0, completion)


def _plain(usage: dict[str, Any]) -> tuple[int, int] | None:
    """The fast path for nearly every reply: numbers that add up to the total, so that nothing is missing."""
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if type(prompt) is not int or type(completion) is not int or min(prompt, completion) < 0:
        return None
    total = prompt + completion
    return (prompt, completion) if usage.get("total_tokens") == total <= MOST_TOKENS else None


def _beside(fields: dict[str, Any], prompt: int, completion: int) -> int:
    """Tokens of thinking that a server did not count among those of the completion."""
    details: Any = fields.get("completion_tokens_details") or fields.get("output_tokens_details")
    inside = number(details.get("reasoning_tokens")) if isinstance(details, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    outside = number(fields.get("reasoning_tokens"))
    total = number(fields.get("total_tokens"))
    if total and prompt and total >= prompt + completion:
        rest = total - prompt - completion
        # The total says what is paid for, unless it is implausibly large.
        return rest if rest <= max(inside or outside or 0, 200_000) else 0
    if outside is not None:
        return outside
    return inside if inside is not None and inside > completion else 0


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> int | None:
    return next((found for name in names if (found := number(fields.get(name))) is not None), None)


def number(value: Any) -> int | None:
    """A number of tokens or a status, which some servers send as text; None if it is not one."""
    if type(value) is int:
        return value if 0 <= value <= MOST_TOKENS else None
    if isinstance(value, str | float):
        try:
            real = float(value)
        except ValueError:
            return None
        return int(real) if 0 <= real <= MOST_TOKENS else None
    return None
