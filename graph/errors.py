"""Everything that can go wrong with the graph, in one tree.

GraphError
├── NotFound               no such node, instruction or job
│   ├── NoNode                 no node has this id; it may be the alias of one
│   └── NoPath                 a path leads nowhere; it says from which of its names on
├── Invalid                the input cannot be stored or run as it is
│   └── TooLarge               it is more than one request may bring
├── Refused                it may not be done here; the message says which part of it
├── TimedOut               it took longer than it was given
├── Conflict               it contradicts what is in the graph
│   └── Stale              somebody else changed it first (optimistic locking)
├── Outdated               it was changed while we looked; the transaction is tried again
├── LeaseLost              another worker holds the job now
└── DatabaseUnavailable    no database to talk to; the message says what to do
    ├── ServerUnreachable      nothing answers at the address
    ├── WrongPassword          it answers and refuses us
    ├── ServerTooOld           it answers and is older than Neo4j 5.26
    ├── DiskFull               no room for the jars or the data
    └── EmbeddedError          the embedded Neo4j could not be had
        ├── JarsUnavailable        the jars are not cached and cannot be fetched
        ├── HashMismatch           a fetched jar is not the one in the lock file
        ├── PortTaken              the port asked for is in use
        └── ForeignData            the data folder was written by another Neo4j version

The message of each says what happened and what to do about it; the service shows it as it is.
"""


class GraphError(Exception):
    """Base of all errors raised by this package."""


class NotFound(GraphError):
    """No such node, instruction or job."""


class NoNode(NotFound):
    """No node has this id. The service looks whether it is the alias of one that it was merged into."""

    def __init__(self, node_id: str) -> None:
        super().__init__(f"no node has the id {node_id}")
        self.node_id = node_id


class NoPath(NotFound):
    """A path leads nowhere from its name `missing` on; `above`: ids of the nodes it had reached."""

    def __init__(self, path: str, missing: str, above: list[str], reached: str) -> None:
        there = f"{reached!r} is there, but nothing called {missing!r} is under it"
        super().__init__(
            f"no node has the id or path {path!r}: " + (there if above else f"nothing is called {missing!r}")
        )
        self.missing = missing
        self.above = above


class Invalid(GraphError):
    """The input cannot be stored or run as it is."""


class TooLarge(Invalid):
    """It is more than one request may bring."""


class Refused(GraphError):
    """It may not be done here."""


class TimedOut(GraphError):
    """It took longer than it was given."""


class Conflict(GraphError):
    """It contradicts what is in the graph."""


class Stale(Conflict):
    """Somebody else changed it first."""


class Outdated(GraphError):
    """What a transaction has read was changed before it had the lock: it is run again."""


class LeaseLost(GraphError):
    """Another worker holds the job now; nothing more may be written for it here."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"another worker took over job {job_id}")


class DatabaseUnavailable(GraphError):
    """There is no database to talk to."""


class ServerUnreachable(DatabaseUnavailable):
    """Nothing answers at the address."""


class WrongPassword(DatabaseUnavailable):
    """The server answers and refuses user and password."""


class ServerTooOld(DatabaseUnavailable):
    """The server is older than Neo4j 5.26."""


class EmbeddedError(DatabaseUnavailable):
    """The embedded Neo4j could not be had."""


class JarsUnavailable(EmbeddedError):
    """The jars are not in the cache and cannot be fetched."""


class HashMismatch(EmbeddedError):
    """A fetched jar is not the one in the lock file."""


class DiskFull(DatabaseUnavailable):
    """There is no room left for the jars or the data."""


class PortTaken(EmbeddedError):
    """The port asked for is in use by another program."""


class ForeignData(EmbeddedError):
    """The data folder was written by another version of Neo4j."""
