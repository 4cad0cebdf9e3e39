"""Which scope a request needs: a rule by method and path, so that no route can be forgotten.

Reading is whatever GET does and the POSTs that only ask; jobs cost money and have a scope of their own;
everything else changes the graph. The OpenAPI document and the guard go by the same rule.
"""

import re
from typing import Final, Literal

from graph.access.tokens import Scope

Need = Scope | Literal["admin"]

READING: Final = ("GET", "HEAD", "OPTIONS")
# Answered to everybody, whatever Host they name: what a load balancer or Neo4j Browser asks for.
PUBLIC: Final = re.compile(r"/(healthz|readyz|guide(/.*)?)")
OVERRIDES: Final[tuple[tuple[re.Pattern[str], tuple[str, ...] | None, Need], ...]] = (
    (re.compile(r"/v1/tokens([/:].*)?"), None, "admin"),
    (re.compile(r"/v1/queries/.*|/v1/cypher(:.*)?"), ("POST",), Scope.read),
    (re.compile(r"/v1/jobs([/:].*)?"), ("POST", "PUT", "PATCH", "DELETE"), Scope.generate),
)


def is_public(method: str, path: str) -> bool:
    """Whether the request needs no token."""
    return method in READING and PUBLIC.fullmatch(path) is not None


def needed(method: str, path: str) -> Need | None:
    """The scope that a request needs; None for what is public."""
    if is_public(method, path):
        return None
    for pattern, methods, need in OVERRIDES:
        if (methods is None or method in methods) and pattern.fullmatch(path):
            return need
    return Scope.read if method in READING else Scope.write
