"""Entry point of the command `glan`: a module with a name that no other project uses.

glan's packages are called service, graph, generators and cypher. If Python found another module of such a
name first, on PYTHONPATH or in an environment shared with another project, every command would end in a
traceback. So this module checks for that before it imports anything of glan, and says what is in the way.
"""

import sys

PACKAGES = ("cypher", "graph", "generators", "service")


def in_the_way() -> tuple[str, str] | None:
    """The first of glan's packages that another module hides, and where that module is; normally None."""
    from importlib.machinery import PathFinder
    from pathlib import Path

    for name in PACKAGES:
        spec = PathFinder.find_spec(name)
        found = spec.origin if spec and spec.origin else (spec and str(spec.submodule_search_locations))
        if not found or not (Path(found).parent.parent / "service" / "cli.py").is_file():
            return name, found or "nowhere"
    return None


INTERRUPTED = 130


def main() -> None:
    """Runs the command line; Ctrl-C ends it in one word from the first import on."""
    try:
        _main()
    except (KeyboardInterrupt, RuntimeError) as error:
        # Where a class is being made, Python wraps it in a RuntimeError.
        if KeyboardInterrupt not in (type(error), type(error.__cause__)):
            raise
        if sys.stderr:
            print("interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _main() -> None:
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
