"""Figures of subtrees: counted by reading them, and kept for each discipline.

The door is `of`, `accept`, `forget` and `hold` for the kept figures, `graph.rollups.count` for those counted
on request, and `graph.rollups.nodes_below`.
"""

from graph.rollups.kept import (
    Accepted,
    accept,
    disciplines_above,
    forget,
    forget_disciplines,
    hold,
    of,
    uncount,
)

__all__ = ["Accepted", "accept", "disciplines_above", "forget", "forget_disciplines", "hold", "of", "uncount"]
