"""What users ask themselves: named queries and their own Cypher, in READ mode, through a gate.

The door is `tables` (run a query and get a bounded answer), `gate.LONGEST_TEXT` and `json_values` (values of
Neo4j as JSON).
"""
