"""A subtree for networkx: read in bounded size (`read`), looked into (`concepts`), written out (`formats`).

Only `read` speaks to the database; the other two run in another process.
"""
