"""The text of a query as far as the bounds on growth need it: words and signs in a tree of brackets.

This is not a parser: Neo4j itself refuses what is not Cypher, so the code here only has to find every
iteration, every sum and every clause of a query that Neo4j accepts.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from graph.errors import Invalid

# Neo4j's parser needs stack for each level of brackets and for each operator of a chain. If the stack
# overflows, the thread dies, the client never gets an answer and the transaction stays open.
DEEPEST: Final = 100
LONGEST_CHAIN: Final = 1_000
# The planner expands these into all their combinations, and nothing stops it.
FEW_OF: Final = {"XOR": 8, "&": 100}
_OPERATORS: Final = frozenset({"AND", "OR", "XOR", "NOT", *"+-*/%^=<>", "<>", "<=", ">=", "=~", "||"})
_TOKENS: Final = re.compile(r"\$\s*[\w`]+|'\d+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\w+|`|<>|<=|>=|=~|\|\||\.\.|\S")
_CHAIN_ENDS: Final = frozenset(",;")
_CLOSING: Final = {")": "(", "]": "[", "}": "{"}
CLAUSES: Final = frozenset(
    {
        *("CALL", "FILTER", "FINISH", "FOR", "LET", "LIMIT", "MATCH", "NEXT", "OFFSET", "OPTIONAL"),
        *("ORDER", "RETURN", "SKIP", "UNION", "UNWIND", "USE", "WHERE", "WITH"),
    }
)
_PROJECTIONS: Final = frozenset({"LET", "RETURN", "UNWIND", "WITH"})
PREDICATES: Final = frozenset({"ALL", "ANY", "NONE", "SINGLE"})
_REDUCES: Final = frozenset({"REDUCE", "ALLREDUCE"})


@dataclass
class Group:
    """The content of a pair of brackets, or of CASE ... END."""

    open: str
    items: "list[Item]" = field(default_factory=lambda: list[Item]())


Item = str | Group


@dataclass(frozen=True)
class Iteration:
    """`x IN source | body` in a comprehension, a predicate or a reduce."""

    name: str
    source: list[Item]
    body: list[Item]
    keeps: bool
    """Whether the results of the body are kept; not so in a predicate or a sum."""
    accumulator: str | None = None
    initial: Sequence[Item] = ()


def tree(code: str) -> list[Item]:
    """The tokens of a text, nested by brackets. Unbalanced brackets are left to Neo4j to refuse.

    Raises Invalid if the text is nested too deep, chains too many operators, or repeats those of FEW_OF.
    """
    for word, most in FEW_OF.items():
        if len(re.findall(rf"(?<!\w){word}(?!\w)" if word.isalpha() else word, code, re.IGNORECASE)) > most:
            raise Invalid(f"the query has more than {most} times {word}; compare with IN or with <>")
    top = Group("")
    stack = [top]
    before, chain = "", 0
    for token in _TOKENS.findall(code):
        if token in "([{" or (token.upper() == "CASE" and before != "."):
            group = Group("CASE" if token not in "([{" else token)
            stack[-1].items.append(group)
            stack.append(group)
            if len(stack) > DEEPEST:
                raise Invalid(f"the query is nested more than {DEEPEST} deep")
        elif token.upper() == "END" and before != "." and stack[-1].open == "CASE":
            stack.pop()
        elif token in _CLOSING:
            while len(stack) > 1 and stack.pop().open == "CASE":
                pass
        else:
            stack[-1].items.append(token)
            chain = chain + 1 if token.upper() in _OPERATORS else 0 if token in _CHAIN_ENDS else chain
            if chain > LONGEST_CHAIN:
                raise Invalid(
                    f"the query chains more than {LONGEST_CHAIN:,} operators, such as OR: pass a list as a "
                    "parameter and compare with IN"
                )
        before = token
    return top.items


def upper(item: Item) -> str:
    return item.upper() if isinstance(item, str) else ""


def cut(items: Sequence[Item], ends: frozenset[str]) -> list[list[Item]]:
    """The items, split at the words or signs in `ends`."""
    parts: list[list[Item]] = [[]]
    for item in items:
        if upper(item) in ends:
            parts.append([])
        else:
            parts[-1].append(item)
    return parts


def projections(items: Sequence[Item]) -> Iterator[list[Item]]:
    """The items after each WITH, RETURN, UNWIND and LET up to the next clause, in subqueries as well."""
    found: list[Item] | None = None
    for at, item in enumerate(items):
        if upper(item) in CLAUSES and (at == 0 or items[at - 1] != "."):
            if found:
                yield found
            found = [] if upper(item) in _PROJECTIONS else None
        elif found is not None:
            found.append(item)
        if isinstance(item, Group):
            yield from projections(item.items)
    if found:
        yield found


def item_at(items: Sequence[Item], at: int) -> Item:
    return items[at] if at < len(items) else ""


def key_after(term: Sequence[Item], at: int) -> tuple[str, int]:
    """The accesses that follow a name, from index `at` on: the first one, and the index after the last one.

    The first access is the name of a property or "[" for an element; "" if there is none apart from slices.
    """
    key = ""
    while at < len(term):
        following = term[at]
        if following == "." and isinstance(name := item_at(term, at + 1), str):
            key, at = key or name, at + 2
        elif isinstance(following, Group) and following.open == "[":
            key, at = key or ("" if ".." in following.items else "["), at + 1
        else:
            break
    return key, at


def iteration_in(before: str, group: Group) -> Iteration | None:
    """The iteration that a group stands for, given the word before it; None if it is not one."""
    name = before.upper()
    if name in _REDUCES and group.open == "(":
        accumulator, *rest = cut(group.items, frozenset("="))
        head, *body = cut([item for part in rest for item in part], frozenset("|"))
        initial, *walked = cut(head, frozenset(","))
        if accumulator and walked and body and len(walked[0]) > 2:
            [x, _, *source] = walked[0]
            whole = [item for part in body for item in part]
            summed = len(initial) == 1 and str(initial[0])[:1].isdigit()
            return Iteration(str(x), source, whole, not summed, str(accumulator[0]), initial)
        return None
    items = group.items
    comprehension = group.open == "["
    if not (comprehension or (group.open == "(" and name in PREDICATES)):
        return None
    if len(items) < 3 or upper(items[1]) != "IN" or not isinstance(items[0], str):
        return None
    source, *body = cut(items[2:], frozenset({"WHERE", "|"}))
    return Iteration(items[0], source, [item for part in body for item in ["THEN", *part]], comprehension)


def branches_of(body: Sequence[Item]) -> list[list[Item]]:
    """The possible results of an expression: one per branch of a CASE, otherwise only itself."""
    if len(body) != 1 or not isinstance(body[0], Group) or body[0].open not in ("CASE", "("):
        return [[*body]]
    group = body[0]
    if group.open == "(":
        return branches_of(group.items)
    branches: list[list[Item]] = []
    taking = False
    for item in group.items:
        if upper(item) in ("WHEN", "THEN", "ELSE"):
            taking = upper(item) != "WHEN"
            if taking:
                branches.append([])
        elif taking:
            branches[-1].append(item)
    return [below for branch in branches for below in branches_of(branch)]


def words_in(items: Sequence[Item]) -> set[str]:
    found = {item for item in items if isinstance(item, str)}
    return found.union(*(words_in(item.items) for item in items if isinstance(item, Group)))
