"""The gate of the read door: decides which Cypher of a user reaches the database.

READ mode stops only writes: LOAD CSV still reaches files and the network, TERMINATE ends other users'
transactions, procedures read settings. So first the text is checked, then the plan that EXPLAIN gives for it
in READ mode, each against lists of what is allowed; anything else is refused by name. The plan shows
everything except subqueries inside expressions; these are found in the text.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from graph.database import Explained
from graph.errors import Invalid, Refused
from graph.read_door.lexer import NAME, code_of

LONGEST_TEXT: Final = 100_000

PROCEDURES: Final = frozenset(
    {
        *("db.labels", "db.relationshipTypes", "db.propertyKeys"),
        *("db.schema.visualization", "db.schema.nodeTypeProperties", "db.schema.relTypeProperties"),
        *("db.index.fulltext.queryNodes", "db.index.fulltext.queryRelationships"),
        *("db.index.fulltext.listAvailableAnalyzers",),
        *("db.index.vector.queryNodes", "db.index.vector.queryRelationships"),
    }
)
# Neo4j's own functions; those of plugins are in other namespaces and may do anything.
NAMESPACES: Final = frozenset(
    {"date", "datetime", "duration", "localdatetime", "localtime", "point", "time", "vector"}
)
# Labels that only glan itself reads; see docs/decisions/0019-hidden-labels.md.
HIDDEN: Final = frozenset({"Token", "Request"})

_SCANS = {
    *("AllNodesScan", "NodeByLabelScan", "UnionNodeByLabelsScan", "IntersectionNodeByLabelsScan"),
    *("SubtractionNodeByLabelsScan", "NodeIndexScan", "NodeIndexSeek", "NodeIndexSeekByRange"),
}
_RELATIONSHIP_SCANS = {
    *("AllRelationshipsScan", "UnionRelationshipTypesScan", "RelationshipTypeScan"),
    *("RelationshipIndexSeek", "RelationshipIndexSeekByRange", "RelationshipIndexScan"),
    *("RelationshipUniqueIndexSeek", "RelationshipUniqueIndexSeekByRange"),
    *("RelationshipIndexContainsScan", "RelationshipIndexEndsWithScan"),
    *("RelationshipByIdSeek", "RelationshipByElementIdSeek"),
}
_DIRECTED = {f"{way}{scan}" for way in ("Directed", "Undirected") for scan in _RELATIONSHIP_SCANS}
OPERATORS: Final = frozenset(
    {
        *_SCANS,
        *_DIRECTED,
        *(f"Partitioned{scan}" for scan in _SCANS | _DIRECTED),
        *("NodeUniqueIndexSeek", "NodeUniqueIndexSeekByRange", "MultiNodeIndexSeek"),
        *("NodeIndexContainsScan", "NodeIndexEndsWithScan", "NodeByIdSeek", "NodeByElementIdSeek"),
        *("DynamicLabelNodeLookup", "DynamicDirectedRelationshipTypeLookup"),
        *("DynamicUndirectedRelationshipTypeLookup",),
        *("NodeCountFromCountStore", "RelationshipCountFromCountStore"),
        *("Argument", "ArgumentTracker", "EmptyRow", "EmptyResult", "ProduceResults", "ProcedureCall"),
        *("Projection", "Filter", "Unwind", "PartitionedUnwind", "Optional", "Anti", "Eager"),
        *("Skip", "Limit", "ExhaustiveLimit", "Sort", "PartialSort", "Top", "PartialTop", "Top1WithTies"),
        *("Distinct", "OrderedDistinct", "EagerAggregation", "OrderedAggregation", "Aggregation"),
        *("Expand", "OptionalExpand", "VarLengthExpand", "ShortestPath", "StatefulShortestPath"),
        *("Repeat", "BidirectionalRepeat", "PathPropagatingBFS", "ProjectEndpoints"),
        *("TriadicSelection", "TriadicBuild", "TriadicFilter"),
        *("Union", "OrderedUnion", "CartesianProduct", "ValueHashJoin", "NodeHashJoin"),
        *("NodeLeftOuterHashJoin", "NodeRightOuterHashJoin"),
        *("Apply", "SemiApply", "AntiSemiApply", "LetSemiApply", "LetAntiSemiApply", "RollUpApply"),
        *("SelectOrSemiApply", "SelectOrAntiSemiApply", "LetSelectOrSemiApply", "LetSelectOrAntiSemiApply"),
        *("ConditionalApply", "AntiConditionalApply", "AssertSameNode", "AssertSameRelationship"),
        *("CacheProperties", "RemoteBatchProperties", "RemoteBatchPropertiesWithFilter"),
        *("PreserveOrder", "NullifyMetadata"),
    }
)

_IDENTIFIER = r"[^\W\d]\w*"
_DOTTED = rf"(?:{_IDENTIFIER}\s*\.\s*)+{_IDENTIFIER}"
# Word borders in ASCII, and ignoring case in all scripts, find more than Neo4j does, never less.
_LOAD_CSV = re.compile(r"(?<![A-Za-z0-9_])load\s+csv(?![A-Za-z0-9_])", re.IGNORECASE)
_CALL = re.compile(r"(?<![A-Za-z0-9_])call(?![A-Za-z0-9_])\s*", re.IGNORECASE)
_PROCEDURE = re.compile(rf"({_IDENTIFIER}(?:\s*\.\s*{_IDENTIFIER})*)(?!\w)(?:\s*[(}};]|\s+\w|\s*$)")
_FUNCTION = re.compile(rf"(?<![\w.{NAME}])({_DOTTED})\s*\(")
_QUOTED_FUNCTION = re.compile(rf"{NAME}\s*\.\s*\w+\s*\(|{NAME}\s*\(")
_COMMAND = re.compile(
    r"(?<![A-Za-z0-9_])(?:terminate\s+transactions?|show\s+(?:all|aliases?|built|constraints?|current|databases?"
    r"|default|executable|fulltext|functions?|home|index(?:es)?|lookup|point|populated|privileges?|procedures?"
    r"|range|roles?|servers?|settings?|supported|text|transactions?|users?|vector))(?![A-Za-z0-9_])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(rf"[:|&!(]\s*({'|'.join(sorted(HIDDEN))})(?!\w)")
_FIRST = re.compile(r"\s*(cypher\s+\d+\s)?\s*([^\s(\[{]*)", re.IGNORECASE)
_CLAUSES = frozenset({"call", "finish", "match", "optional", "return", "unwind", "use", "with"})


def check_text(text: str) -> None:
    """Raises Refused if the text does more than read, and Invalid if that cannot be told."""
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"a query has at most {LONGEST_TEXT} characters; pass variable parts as parameters")
    code = code_of(text)
    _check_prefix(code)
    if _LOAD_CSV.search(code):
        raise refusal("LOAD CSV")
    if command := _COMMAND.search(code):
        raise refusal(" ".join(command[0].upper().split()))
    if hidden := _HIDDEN.search(code):
        raise Refused(f"refused: nodes of the label {hidden[1]} belong to glan itself")
    for name in _procedures(code):
        _check_procedure(name)
    _check_functions(code)


def _check_prefix(code: str) -> None:
    """Refuses options before a query: they can make it differ from its plan, or write files (debug)."""
    match = _FIRST.match(code)
    version, word = (match[1], match[2].lower()) if match else (None, "")
    if word in ("explain", "profile"):
        raise Invalid(f"omit {word.upper()}: this endpoint returns rows; Neo4j Browser shows plans")
    if word == "cypher" or (version and word not in _CLAUSES):
        raise Refused("refused: the only option allowed after CYPHER is a version, such as CYPHER 5")
    if not word:
        raise Invalid(
            "the query is empty" if not code.strip() else "a query begins with a word, such as MATCH"
        )


def _procedures(code: str) -> Iterator[str]:
    """The procedure names after each CALL without the { or ( of a subquery; raises Refused for backticks."""
    for call in _CALL.finditer(code):
        following = code[call.end() :]
        if name := _PROCEDURE.match(following):
            yield re.sub(r"\s", "", name[1])
        elif re.match(rf"\w|{NAME}", following):
            raise Refused("refused: write the name of the procedure after CALL plainly, without backticks")


def _check_functions(code: str) -> None:
    if _QUOTED_FUNCTION.search(code):
        raise Refused("refused: write the name of a function without backticks")
    for match in _FUNCTION.finditer(code):
        name = re.sub(r"\s", "", match[1])
        if name not in PROCEDURES and name.split(".")[0].lower() not in NAMESPACES:
            raise Refused(f"refused: the function {name} is not one of Neo4j's own that read only the graph")


def _check_procedure(name: str) -> None:
    if name not in PROCEDURES:
        raise Refused(
            f"refused: CALL {name} is not one of the procedures that may be called here:  "
            + ", ".join(sorted(PROCEDURES))
        )


def check_plan(explained: Explained, database: str) -> None:
    """Raises Refused unless the plan has only operators known to read, in this database."""
    if explained.plan is None:
        raise Refused("refused: Neo4j gives no plan for it")
    # Operators first, because their names say more than the type of the whole query.
    for operator in _operators(explained.plan):
        _check_operator(operator, database)
    if explained.query_type != "r":
        raise Refused(
            f"refused: it does more than read (Neo4j calls it a query of type {explained.query_type})"
        )


def _check_operator(operator: Mapping[str, Any], database: str) -> None:
    name, _, where = str(operator["operatorType"]).partition("@")
    kind, _, way = name.partition("(")
    if kind not in OPERATORS or "Locking" in way:
        raise refusal(name)
    if where and where != database:
        raise Refused(f"refused: it reads the database {where}, and not {database}")
    if kind == "ProcedureCall":
        details = str(operator.get("args", {}).get("Details", ""))
        _check_procedure(details.partition("(")[0].strip().replace("`", ""))


def _operators(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    waiting = [plan]
    while waiting:
        operator = waiting.pop()
        yield operator
        waiting += operator.get("children", [])


def refusal(part: str) -> Refused:
    """The error that refuses a query because of one part, named in the message."""
    return Refused(f"refused: {part} does more than read the graph, and only queries that read are run here")
