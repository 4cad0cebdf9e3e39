"""Where the command `glan` begins: a module whose name nobody else bears.

glan's packages are called service, graph, generators and cypher. A module of one of these names that Python
finds first, on PYTHONPATH or in an environment shared with another project, would end every command in a
traceback. So this looks first, imports nothing of glan before, and says in a sentence what is in the way.
"""

import sys
from importlib.machinery import PathFinder
from pathlib import Path

PACKAGES = ("cypher", "graph", "generators", "service")


def in_the_way() -> tuple[str, str] | None:
    """The first package of glan that another module hides, and where that module is; None as a rule."""
    for name in PACKAGES:
        spec = PathFinder.find_spec(name)
        found = spec.origin if spec and spec.origin else (spec and str(spec.submodule_search_locations))
        if not found or not (Path(found).parent.parent / "service" / "cli.py").is_file():
            return name, found or "nowhere"
    return None


def main() -> None:
    """Runs the command line, or ends with one sentence."""
    hidden = in_the_way()
    if hidden:
        name, found = hidden
        sys.exit(
            f"error: Python finds {found} in place of glan's own package {name!r}; unset PYTHONPATH, or "
            "install glan in an environment of its own (uv tool install, pipx)"
        )
    from service.cli import main as run

    run()
