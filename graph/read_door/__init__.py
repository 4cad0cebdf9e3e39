"""Queries that users run themselves: named queries, and their own Cypher in READ mode behind a gate.

The door is `tables` (run a query and get a bounded answer), `gate.LONGEST_TEXT` and `json_values` (Neo4j's
values as JSON).
"""
