"""Two taxonomies, from files or from the graph, and what changed from one to the other.

Both are planned as for a load, so that they are compared alike whatever they were read from. Records are kept
in SQLite, in a temporary folder under GLAN_HOME, and paired there. `diff` is the door.
"""
