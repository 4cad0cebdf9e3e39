"""Strata of the concept combinations of a syllabus, and combinations with their permanent names.

GLAN (arXiv 2402.13064) bases each question on one class session and 1 to 5 of its key concepts, or on two
sessions and 2 to 5 concepts that come from both. Crossings, which are not of the paper, take the two sessions
from two syllabi.
"""

import json
from collections.abc import Iterable
from hashlib import blake2b
from typing import Literal, NamedTuple

Strategy = Literal["single", "pair", "cross"]
Concepts = tuple[str, ...]

LARGEST = 5


class Stratum(NamedTuple):
    """Combinations of one strategy and one number of concepts, written "single:3", "pair:2" or "cross:2"."""

    strategy: Strategy
    size: int

    def __str__(self) -> str:
        return f"{self.strategy}:{self.size}"

    @classmethod
    def parse(cls, text: str) -> "Stratum":
        """The stratum written as by `str`. Raises ValueError for anything else."""
        if text not in _BY_NAME:
            raise ValueError(f"no stratum {text!r}; there are {', '.join(_BY_NAME)}")
        return _BY_NAME[text]


STRATA: tuple[Stratum, ...] = (
    *(Stratum("single", size) for size in range(1, LARGEST + 1)),
    *(Stratum("pair", size) for size in range(2, LARGEST + 1)),
)
"""The strata of one syllabus, in the order in which its node keeps their figures."""
CROSS_STRATA: tuple[Stratum, ...] = tuple(Stratum("cross", size) for size in range(2, LARGEST + 1))
"""The strata of a crossing of two syllabi."""
ALL_STRATA = STRATA + CROSS_STRATA
_BY_NAME = {str(stratum): stratum for stratum in ALL_STRATA}


class Combination(NamedTuple):
    """One or two sessions, as ascending indices, and the concepts drawn from them, sorted."""

    sessions: tuple[int, ...]
    concepts: Concepts


def require_known(stratum: Stratum) -> None:
    if stratum not in ALL_STRATA:
        raise ValueError(f"no stratum {stratum}; there are {', '.join(_BY_NAME)}")


def combination_key(session_ids: Iterable[str], concept_ids: Iterable[str]) -> str:
    """The permanent name of a combination: 32 hex digits, whatever order the ids come in.

    BLAKE2b-128 of the compact UTF-8 JSON [[session ids, sorted], [concept ids, sorted]].
    """
    ids = [sorted(session_ids), sorted(concept_ids)]
    text = json.dumps(ids, ensure_ascii=False, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=16).hexdigest()
