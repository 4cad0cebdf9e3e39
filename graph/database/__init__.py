"""The only caller of the Neo4j driver: opens a database, runs named queries, tells errors apart.

Everything that others may import is here; `schema` brings a database up to this version.
"""

# ruff: noqa: E402

import sys
from typing import Any, cast

# The driver imports these if they are installed, which costs a second of CPU, for values that glan never
# passes to it. They are hidden only while the driver is imported.
_modules = cast(dict[str, Any], sys.modules)
_hidden = [name for name in ("numpy", "pandas", "pyarrow") if name not in _modules]
_modules.update(dict.fromkeys(_hidden))
try:
    import neo4j as neo4j
finally:
    for _name in _hidden:
        del _modules[_name]

from graph.database.answers import Answer, Explained, Row
from graph.database.connection import Address
from graph.database.driver import Database, Transaction, require_version
from graph.database.sealed import Sealed, seal_of, seal_of_shown

__all__ = [
    "Address",
    "Answer",
    "Database",
    "Explained",
    "Row",
    "Sealed",
    "Transaction",
    "require_version",
    "seal_of",
    "seal_of_shown",
]
