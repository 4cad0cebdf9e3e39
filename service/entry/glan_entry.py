"""Entry point of the command `glan`: a module with a name that no other project uses.

glan's packages are called service, graph, generators and cypher. If Python found another module of such a
name first, on PYTHONPATH or in an environment shared with another project, every command would end in a
traceback. So this module checks for that before it imports anything of glan, and says what is in the way.
"""

import sys
from importlib.machinery import PathFinder
from pathlib import Path

PACKAGES = ("cypher", "graph", "generators", "service")


def in_the_way() -> tuple[str, str] | None:
    """The first of glan's packages that another module hides, and where that module is; normally None."""
    for name in PACKAGES:
        spec = PathFinder.find_spec(name)
        found = spec.origin if spec and spec.origin else (spec and str(spec.submodule_search_locations))
        if not found or not (Path(found).parent.parent / "service" / "cli.py").is_file():
            return name, found or "nowhere"
    return None


def main() -> None:
    """Runs the command line, or exits with one sentence if a package is hidden."""
    hidden = in_the_way()
    if hidden:
        name, found = hidden
        sys.exit(
            f"error: Python finds {found} in place of glan's own package {name!r}; unset PYTHONPATH, or "
            "install glan in an environment of its own (uv tool install, pipx)"
        )
    from service.cli import main as run

    run()
