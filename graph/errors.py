"""Everything that can go wrong with the graph, in one tree.

GraphError
├── NotFound               no such node, instruction, job, release, query or token
│   ├── NoNode                 no node has this id; it may be the alias of one
│   └── NoPath                 a path leads nowhere; says from which of its names on
├── Invalid                the input cannot be stored or run as it is
│   └── TooLarge               the input is larger than one request may be
├── Refused                the query may not be run here; the message says which part of it is refused
├── TimedOut               the query took longer than it may
├── Conflict               the request contradicts what is in the graph
│   └── Stale              somebody else changed the node first (optimistic locking)
├── Outdated               data changed between reading and locking; the transaction is retried
├── LeaseLost              another worker holds the job now
│   └── CheckLost              another worker holds the check now
└── DatabaseUnavailable    no database to talk to; the message says what to do
    ├── ServerUnreachable      nothing answers at the address
    ├── WrongPassword          the server refuses user and password
    ├── ServerTooOld           the server is older than Neo4j 5.26
    ├── DiskFull               no space for the jars or the data
    └── EmbeddedError          the embedded Neo4j cannot be used
        ├── JarsUnavailable        the jars are not cached and cannot be fetched
        ├── HashMismatch           a fetched jar is not the one in the lock file
        ├── PortTaken              the port asked for is in use
        └── ForeignData            the data folder was written by another Neo4j version

Each message says what happened and what to do about it; the service shows it unchanged.
"""


class GraphError(Exception):
    """Base of all errors raised by this package."""


class NotFound(GraphError):
    """There is no node, instruction, job, release, query or token of this id or name."""


class NoNode(NotFound):
    """No node has this id. The service then checks whether it is the alias of a merged node."""

    def __init__(self, node_id: str) -> None:
        super().__init__(f"no node has the id {node_id}")
        self.node_id = node_id


class NoPath(NotFound):
    """A path leads nowhere from its name `missing` on; `above` has the ids of the nodes reached before."""

    def __init__(self, path: str, missing: str, above: list[str], reached: str) -> None:
        there = f"{reached!r} is there, but nothing called {missing!r} is under it"
        super().__init__(
            f"no node has the id or path {path!r}: " + (there if above else f"nothing is called {missing!r}")
        )
        self.missing = missing
        self.above = above


class Invalid(GraphError):
    """The input cannot be stored or run as it is."""


class Unreadable(Invalid):
    """A value in the answer to a query that has no form here."""

    def __init__(self) -> None:
        super().__init__(
            "the answer has a value that cannot be shown, such as a date outside the years 1 to 9999 or a "
            "time zone that is known only to Neo4j: return it as text, with toString(x)"
        )


class TooLarge(Invalid):
    """The input is larger than one request may be."""


class Refused(GraphError):
    """The query may not be run here."""


class TimedOut(GraphError):
    """The query took longer than it may."""


class Conflict(GraphError):
    """The request contradicts what is in the graph."""


class Stale(Conflict):
    """Somebody else changed the node first."""


class Outdated(GraphError):
    """Data that a transaction read was changed before it had the lock; the transaction is run again."""


class LeaseLost(GraphError):
    """Another worker holds the job now; nothing more may be written for it here."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"another worker took over job {job_id}")


class CheckLost(LeaseLost):
    """Another worker holds the check now; nothing more may be written for it here."""

    def __init__(self, check_id: str) -> None:
        GraphError.__init__(self, f"another worker took over check {check_id}")


class DatabaseUnavailable(GraphError):
    """There is no database to talk to."""


class ServerUnreachable(DatabaseUnavailable):
    """Nothing answers at the address."""


class WrongPassword(DatabaseUnavailable):
    """The server refuses user and password."""


class ServerTooOld(DatabaseUnavailable):
    """The server is older than Neo4j 5.26."""


class EmbeddedError(DatabaseUnavailable):
    """The embedded Neo4j cannot be used."""


class JarsUnavailable(EmbeddedError):
    """The jars are not in the cache and cannot be fetched."""


class HashMismatch(EmbeddedError):
    """A fetched jar is not the one in the lock file."""


class DiskFull(DatabaseUnavailable):
    """There is no space left for the jars or the data."""


class PortTaken(EmbeddedError):
    """The port asked for is in use by another program."""


class ForeignData(EmbeddedError):
    """The data folder was written by another version of Neo4j."""
