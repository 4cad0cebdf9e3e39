"""Which scope a request needs: a rule by method and path, so that no route can be forgotten.

GET and the POSTs that only query need `read`. Jobs and test sets cost money and have their own
scope, `generate`. All other requests change the graph and need `write`. The OpenAPI document and the guard
use the same rule.
"""

import re
from typing import Final, Literal

from graph.access.tokens import Scope

Need = Scope | Literal["admin"]

READING: Final = ("GET", "HEAD", "OPTIONS")
# Open to everybody, whatever the Host header says: load balancers and Neo4j Browser request these.
PUBLIC: Final = re.compile(r"/(healthz|readyz|guide(/.*)?)")
OVERRIDES: Final[tuple[tuple[re.Pattern[str], tuple[str, ...] | None, Need], ...]] = (
    (re.compile(r"/v1/tokens([/:].*)?"), None, "admin"),
    (
        re.compile(r"/v1/(queries|reconcile)/.*|/v1/cypher(:.*)?|/v1/nodes/[^/]+:diff"),
        ("POST",),
        Scope.read,
    ),
    (re.compile(r"/v1/tests/[^/]+/answers"), ("POST",), Scope.write),
    (re.compile(r"/v1/(jobs|tests)([/:].*)?"), ("POST", "PUT", "PATCH", "DELETE"), Scope.generate),
)


def is_public(method: str, path: str) -> bool:
    """Whether the request needs no token."""
    return method in READING and PUBLIC.fullmatch(path) is not None


def needed(method: str, path: str) -> Need | None:
    """The scope that a request needs; None if it is public."""
    if is_public(method, path):
        return None
    for pattern, methods, need in OVERRIDES:
        if (methods is None or method in methods) and pattern.fullmatch(path):
            return need
    return Scope.read if method in READING else Scope.write
