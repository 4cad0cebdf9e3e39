"""Bounds on the growth of a single expression in a user's query, which Neo4j itself does not limit.

Neo4j accounts for the memory of rows and can stop a query between two rows, but does neither within an
expression: a string that doubles forty times there, or a list over a long range, exhausts the heap before any
limit is checked. So such expressions are recognised in the text and refused, unless:

- a `range` in an expression provably has at most LONGEST_RANGE numbers (UNWIND takes any range, because it
  makes rows);
- nested iterations take at most that number of steps in all, or the inner one iterates over what the outer
  one yields;
- `reduce` uses its accumulator once per result (a comparison or a size does not count);
- the copies made by successive clauses multiply to at most MOST_COPIES, and to MOST_CHARACTERS if each is as
  long as the longest text that may be stored or is a parameter;
- a pattern of `=~` is a literal or a parameter, and takes at most MOST_STEPS on the longest text that it may
  meet: Java matches by backtracking, which Neo4j cannot stop.

The bounds err on the safe side: a name counts as a possibly long text, unless it is multiplied or compared.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, Final, cast

from graph.errors import Invalid
from graph.model import LONGEST_TEXT
from graph.read_door.lexer import TEXT, code_and_strings
from graph.read_door.patterns import Lengths, steps_of
from graph.read_door.syntax import (
    CLAUSES,
    PREDICATES,
    Group,
    Item,
    Iteration,
    branches_of,
    cut,
    item_at,
    iteration_in,
    key_after,
    projections,
    tree,
    upper,
    words_in,
)

LONGEST_RANGE: Final = 100_000
MOST_COPIES: Final = 10_000
# A tenth of the default heap, at a byte per character.
MOST_CHARACTERS: Final = 50_000_000
LONG_TEXT: Final = 100
FEW: Final = 1_000
# Half a second of Java's, which nothing can stop.
MOST_STEPS: Final = 120_000_000
# Of a stored text; nothing prevents longer ones, but nobody writes them.
LONGEST_LINE: Final = 10_000

_COMPARED: Final = frozenset(
    {
        *("=", "<>", "<", ">", "<=", ">=", "=~", "AND", "OR", "XOR", "NOT", "IN", "CONTAINS"),
        *("STARTS", "ENDS", "IS"),
    }
)
_PRODUCTS: Final = frozenset("*/%^")
_SUMS: Final = frozenset(("+", "-", "||"))
_ENDS: Final = frozenset({",", "THEN", "ELSE", "WHEN", "ASC", "DESC", "DISTINCT"}) | CLAUSES
_PATTERN_ENDS: Final = _COMPARED | _ENDS | {"AS", "|"}
_ELEMENT: Final = frozenset({"HEAD", "LAST"})
_ONE: Final = _ELEMENT | {"SIZE"}
# Functions that return a number, a truth value or a short text whatever their arguments are.
_SCALARS: Final = frozenset(
    {
        *("ABS", "AVG", "CEIL", "CHAR_LENGTH", "CHARACTER_LENGTH", "COUNT", "DATE", "DATETIME"),
        *("DURATION", "ELEMENTID", "EXISTS", "EXP", "FLOOR", "ID", "ISEMPTY", "ISNAN", "LENGTH"),
        *("LOCALDATETIME", "LOG", "LOG10", "PERCENTILECONT", "PERCENTILEDISC", "RAND"),
        *("RANDOMUUID", "ROUND", "SIGN", "SIZE", "SQRT", "STDEV", "STDEVP", "SUM", "TIME"),
        *("TIMESTAMP", "TOBOOLEAN", "TOFLOAT", "TOINTEGER", "TYPE", "VALUETYPE"),
    }
) | (PREDICATES | {"LABELS"})
# Functions that return a longer text than they are given.
_MAKERS: Final = frozenset({"ALLREDUCE", "REDUCE", "REPLACE", "NORMALIZE"})
_WORDS: Final = frozenset({"NULL", "TRUE", "FALSE", "AS", "BY", "END", "CASE"}) | _ENDS
_ADVICE: Final = "; write UNWIND with count, sum or collect, which can be bounded and stopped"

Copies = Counter[tuple[str, str]]
"""How often a result may contain the value of a name, or of one of its keys."""


def check_growth(text: str, params: Mapping[str, Any]) -> None:
    """Raises Invalid if an expression of a query may exhaust the heap or run without end."""
    code, strings = code_and_strings(text)
    checked = _Check(strings, params)
    items = tree(code)
    checked.walk(items)
    copies = [checked.copies(clause) for clause in projections(items)]
    _require_few(prod(max(1, most_of(found)) for found in copies), MOST_COPIES)
    names = [Copies({path: n for path, n in found.items() if path[0] != TEXT}) for found in copies]
    longest = max(LONGEST_TEXT, _longest_text(params))
    _require_few(prod(max(1, most_of(found)) for found in names), max(1, MOST_CHARACTERS // longest))


def _require_few(times: int, most: int) -> None:
    if times > most:
        raise Invalid(
            f"clause by clause it may copy a value {_short(times)} times, and at most {most:,} are let "
            "through: use a name less often in what WITH and RETURN add up or list" + _ADVICE
        )


def _longest_text(value: Any) -> int:
    """The length of the longest text in a parameter, in characters."""
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, Mapping | list):
        return 0
    parts = cast(Mapping[str, Any] | list[Any], value)
    return max(map(_longest_text, parts.values() if isinstance(parts, Mapping) else parts), default=0)


def most_of(copies: Copies) -> int:
    """The number of copies of the most copied name, as a whole or under its most copied key."""
    return max((_whole(copies, name) + _under_keys(copies, name) for name, _ in copies), default=0)


def _whole(copies: Copies, name: str) -> int:
    return copies[(name, "")]


def _under_keys(copies: Copies, name: str) -> int:
    return max((times for (owner, key), times in copies.items() if owner == name and key), default=0)


class _Check:
    """The check of one query with its parameters."""

    def __init__(self, strings: Sequence[str], params: Mapping[str, Any]) -> None:
        self._strings = strings
        self._params = params
        # Of the query up to the place that is looked at, for values only flow on in it.
        self._longest_given = 0
        self._puts_together = False

    def walk(
        self, items: Sequence[Item], names: tuple[str, ...] = (), steps: int = 1, *, one: bool = False
    ) -> None:
        """Checks ranges, iterations and patterns of texts; raises Invalid.

        `names` are those of the surrounding iterations, and `steps` the number of steps that they take, 0
        if it is unknown. `one`: only one element of a list is used.
        """
        pattern_ends = 0
        for at, item in enumerate(items):
            before = upper(items[at - 1]) if at else ""
            if at < pattern_ends:
                continue  # texts in quotes and parameters
            if isinstance(item, str) and item[0] in (TEXT, "$"):
                self._longest_given = max(self._longest_given, self._longest_of(item))
            self._puts_together |= upper(item) in _MAKERS or (
                item in ("+", "||") and not _is_of_number_or_path(before, item_at(items, at + 1))
            )
            if upper(item) == "RANGE" and isinstance(following := item_at(items, at + 1), Group):
                unwound = before == "UNWIND" and upper(item_at(items, at + 2)) == "AS"
                if not unwound:
                    self.range_length(following)
            if item == "=~":
                pattern = cut(items[at + 1 :], _PATTERN_ENDS)[0]
                self._pattern(pattern)
                pattern_ends = at + 1 + len(pattern)
            if isinstance(item, Group):
                iteration = iteration_in(before, item)
                if iteration is None:
                    self.walk(item.items, names, steps, one=before in _ONE and len(item.items) == 1)
                else:
                    self._nested(iteration, names, steps, one or key_after(items, at + 1)[0] == "[")

    def _nested(self, iteration: Iteration, names: tuple[str, ...], steps: int, one: bool) -> None:
        own = self._steps(iteration.source)
        apart = names and iteration.keeps and not one and not words_in(iteration.source) & set(names)
        if apart and (own is None or (steps == 0 and own > FEW)):
            raise Invalid(
                f"the iteration of {iteration.name} is inside another one and iterates over a list "
                f"of its own, so nothing bounds how much both make{_ADVICE}"
            )
        together = max(steps, 1) * (own or 1)
        if together > LONGEST_RANGE:
            raise Invalid(
                f"nested iterations make {_short(together)} steps here, and {LONGEST_RANGE:,} are "
                f"let through{_ADVICE}"
            )
        if iteration.accumulator:
            self._reduce(iteration, iteration.accumulator)
        self.walk([*iteration.initial], names, steps)
        self.walk(iteration.source, names, steps)
        self.walk(iteration.body, (*names, iteration.name), together if own is not None and steps else 0)

    def _steps(self, source: Sequence[Item]) -> int | None:
        """The length of a list, if the text shows it."""
        match source:
            case [str(word), Group("(") as group] if word.upper() == "RANGE":
                return self.range_length(group)
            case [Group("[") as group] if iteration_in("", group) is None:
                return len(cut(group.items, frozenset(",")))
            case _:
                return None

    def range_length(self, group: Group) -> int | None:
        """The length of a range; None if it is that of an existing list. Raises Invalid if it is unknown."""
        parts = cut(group.items, frozenset(","))
        numbers = [self._number(part) for part in parts]
        if len(numbers) in (2, 3) and None not in numbers:
            first, last, step = (int(n or 0) for n in [*numbers, 1][:3])
            length = max(0, (last - first) // step + 1) if step else 0
            if length > LONGEST_RANGE:
                raise Invalid(
                    f"this range has {_short(length)} numbers, and outside UNWIND range(...) AS x at most "
                    f"{LONGEST_RANGE:,} are allowed"
                )
            return length
        if not all(
            _of_a_size(part) or number is not None for part, number in zip(parts, numbers, strict=True)
        ):
            raise Invalid(
                "a range in an expression needs bounds that are known beforehand: numbers, parameters, or "
                "the size of a list; write UNWIND range(...) AS x where they are not"
            )
        return None

    def _number(self, part: Sequence[Item]) -> int | None:
        match part:
            case [str(text)] if text.isascii() and text.isdigit():
                return int(text)
            case ["-", str(text)] if text.isascii() and text.isdigit():
                return -int(text)
            case [str(text)] if text.startswith("$"):
                value = self._params.get(text[1:].strip())
                return value if isinstance(value, int) else None
            case _:
                return None

    def _reduce(self, iteration: Iteration, name: str) -> None:
        for branch in branches_of(iteration.body):
            found = self.copies(branch)
            whole, keys = _whole(found, name), _under_keys(found, name)
            first = cut(branch, _SUMS)[0]
            appended = first == [name] and whole == 1 and keys == found[(name, "[")] <= 1
            if whole + keys > 1 and not appended:
                raise Invalid(
                    f"reduce uses its accumulator {name} {whole + keys} times in one result, so that it may "
                    f"double at each step: use it once, or multiply instead of adding{_ADVICE}"
                )

    def copies(self, items: Sequence[Item]) -> Copies:
        """The copies that the results of several expressions may contain together."""
        found = Copies()
        for part in cut(items, _ENDS):
            found += self._of_expression(part)
        return found

    def _of_expression(self, part: list[Item]) -> Copies:
        if len(part) > 1 and upper(part[1]) in (":", "="):  # a key of a map, LET
            part = part[2:]
        found = Copies()
        if any(upper(item) in _COMPARED for item in part):
            return found
        for term in cut(part, _SUMS):
            if not _PRODUCTS & {item for item in term if isinstance(item, str)}:
                found += self._of_term(term)
        return found

    def _of_term(self, term: Sequence[Item]) -> Copies:
        found = Copies()
        at = 0
        while at < len(term):
            item, following = term[at], item_at(term, at + 1)
            at += 1
            if isinstance(item, Group):
                found += self._of_group("", item)
            elif item[0] == TEXT:
                found[(TEXT, "")] += len(self._strings[int(item[1:])]) // LONG_TEXT
            elif item == ".." or not re.match(r"[^\W\d]|[$`]", item) or item.upper() in _WORDS:
                at += item.upper() == "AS"
            elif isinstance(following, Group) and following.open == "(":
                found += self._of_call(item.upper(), following)
                at += 1
            elif isinstance(following, Group) and item.upper() in ("COLLECT", "COUNT", "EXISTS"):
                at += 1  # its clauses are checked separately
            else:
                key, at = key_after(term, at)
                found[(item, key)] += 1
        return found

    def _of_call(self, name: str, group: Group) -> Copies:
        arguments = cut(group.items, frozenset(","))
        if iteration := iteration_in(name, group):
            return self._of_iteration(iteration)
        if name in _SCALARS:
            return Copies()
        if name == "COALESCE":
            return _most([self.copies(argument) for argument in arguments])
        if name in _ELEMENT and len(group.items) == 1 and isinstance(group.items[0], str):
            return Copies({(group.items[0], "["): 1})
        if name == "REPLACE" and len(arguments) == 3:
            return _times(self.copies(arguments[0]), self._replaced(arguments[1], arguments[2]))
        return self.copies(group.items)

    def _replaced(self, old: Sequence[Item], new: Sequence[Item]) -> int:
        """The factor by which replace may lengthen a text; raises Invalid if it is unknown."""
        was, becomes = self._length(old), self._length(new)
        if becomes is None:
            raise Invalid(
                "the third argument of replace must be a text in quotes or a parameter, not computed"
            )
        # An empty search text matches before and after every letter.
        return max(1, -(-becomes // was) if was else becomes + 1 if becomes else 1)

    def _length(self, part: Sequence[Item]) -> int | None:
        text = self._text(part[0]) if len(part) == 1 else None
        return None if text is None else len(text)

    def _text(self, item: Item) -> str | None:
        """The text of a string literal or of a parameter."""
        if isinstance(item, str) and item.startswith(TEXT):
            return self._strings[int(item[1:])]
        value = self._params.get(item[1:].strip()) if isinstance(item, str) and item[0] == "$" else None
        return value if isinstance(value, str) else None

    def _pattern(self, operand: Sequence[Item]) -> None:
        """Raises Invalid for a regular expression that may backtrack for ever, or that is not literal."""
        parts = operand[0].items if len(operand) == 1 and isinstance(operand[0], Group) else operand
        texts = [self._text(item) for item in parts if item != "+"]
        if None in texts or not texts:
            raise Invalid(
                "the pattern after =~ must be a text in quotes or a parameter, or a sum of these, so that it "
                "can be looked at before it runs; CONTAINS and STARTS WITH take any text"
            )
        pattern = "".join(text or "" for text in texts)
        steps = steps_of(pattern, self._lengths())
        if steps > MOST_STEPS:
            raise Invalid(
                f"the pattern after =~ may take {_short(int(min(steps, 1e99)))} steps on a long text, and at "
                f"most {MOST_STEPS:,} are let through, because nothing can stop them: repeat (*, +, ?) in "
                "fewer places, use CONTAINS for each part or the full-text search, or begin with (?s) if it "
                "ends with .*"
            )

    def _longest_of(self, item: str) -> int:
        given = self._strings[int(item[1:])] if item[0] == TEXT else self._params.get(item[1:].strip())
        return _longest_text(given)

    def _lengths(self) -> Lengths:
        """The longest text that a pattern may meet at this place of the query."""
        given = self._longest_given
        if self._puts_together:
            return Lengths(MOST_CHARACTERS, MOST_CHARACTERS, given)
        return Lengths(max(LONGEST_TEXT, given), max(LONGEST_LINE, given), given)

    def _of_group(self, before: str, group: Group) -> Copies:
        if iteration := iteration_in(before, group):
            return self._of_iteration(iteration)
        if group.open == "CASE":
            return _most([self.copies(branch) for branch in branches_of([group])])
        return self.copies(group.items)

    def _of_iteration(self, iteration: Iteration) -> Copies:
        if not iteration.keeps and not iteration.accumulator:
            return Copies()
        # A text that is only named is shared, not copied; adding to it makes a copy at each step.
        body = self.copies(iteration.body)
        if _SUMS & {item for item in iteration.body if isinstance(item, str)}:
            body = _times(body, self._steps(iteration.source) or 1)
        bound = {iteration.name, iteration.accumulator}
        found = Copies({path: times for path, times in body.items() if path[0] not in bound})
        # A constant counts too, once it is multiplied.
        source = self.copies(iteration.source) or Copies({(TEXT, ""): 1})
        times = max(1, _whole(body, iteration.name) + _under_keys(body, iteration.name))
        return found + _times(source, times) + self.copies(iteration.initial)


def _of_a_size(part: Sequence[Item]) -> bool:
    """Whether a bound is the size of a list or path, plus or minus a number."""
    rest = [item for item in part if not (isinstance(item, Group) and item.open == "(")]
    words = {upper(item) for item in rest}
    others = {word for word in words if not word.isdigit()} - {"SIZE", "LENGTH", "+", "-", "/", "%"}
    numbers = [int(word) for word in words if word.isascii() and word.isdigit()]
    inner = [item for item in part if isinstance(item, Group)]
    return (
        bool(inner)
        and not others
        and max(numbers, default=0) <= LONGEST_RANGE
        and bool(words & {"SIZE", "LENGTH"})
    )


def _is_of_number_or_path(before: str, following: Item) -> bool:
    """Whether a plus adds a number, or repeats a part of a path, so that it makes no text of any length."""
    return before in (">", "-") or before[:1].isdigit() or upper(following)[:1].isdigit()


def _most(found: Sequence[Copies]) -> Copies:
    most = Copies()
    for copies in found:
        most |= copies
    return most


def _times(copies: Copies, n: int) -> Copies:
    return Copies({path: times * n for path, times in copies.items()})


def _short(number: int) -> str:
    return f"{number:,}" if number < 10**12 else f"10^{len(str(number)) - 1}"
