"""Figures of subtrees: counted by reading them, and kept for each discipline.

The door is `of`, `accept`, `forget` and `hold` of the figures that are kept, `graph.rollups.count` for those
that are counted when asked for, and `graph.rollups.nodes_below`.
"""

from graph.rollups.kept import (
    Accepted,
    accept,
    disciplines_above,
    forget,
    forget_disciplines,
    hold,
    of,
)

__all__ = ["Accepted", "accept", "disciplines_above", "forget", "forget_disciplines", "hold", "of"]
