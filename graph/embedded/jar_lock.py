"""The lock file of the embedded Neo4j, neo4j.lock: every jar with its size and SHA-256."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache as remember
from importlib import resources
from typing import Literal, cast

Group = Literal["neo4j", "browser"]
Progress = Callable[[int, int], None]
"""Called with the number of bytes fetched so far and the total."""


@dataclass(frozen=True)
class Jar:
    """One line of the lock file."""

    group: Group
    coordinates: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        _, artifact, version, *classifier = self.coordinates.split(":")
        return "-".join([artifact, version, *classifier]) + ".jar"

    @property
    def address(self) -> str:
        """The path of the jar below the address of a Maven repository."""
        organisation, artifact, version = self.coordinates.split(":")[:3]
        return f"{organisation.replace('.', '/')}/{artifact}/{version}/{self.name}"


@remember
def locked(group: Group) -> tuple[Jar, ...]:
    """The jars of a group, as the lock file lists them."""
    text = resources.files("graph.embedded").joinpath("neo4j.lock").read_text()
    fields = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return tuple(
        Jar(cast(Group, name), coordinates, int(size), sha256)
        for name, coordinates, size, sha256 in fields
        if name == group
    )


@remember
def neo4j_version() -> str:
    """The version of the embedded Neo4j, such as "5.26.1"."""
    found = [jar.coordinates.split(":") for jar in locked("neo4j")]
    return next(parts[2] for parts in found if parts[:2] == ["org.neo4j", "neo4j"])
