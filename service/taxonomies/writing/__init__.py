"""From a subtree of the graph to a file: SKOS in four syntaxes, CSV, NDJSON, and mappings as SSSOM.

What is read is collected in SQLite first, in a temporary folder under GLAN_HOME, so that the order is known
before anything is written and memory does not grow with the taxonomy. `document` is the door.
"""
