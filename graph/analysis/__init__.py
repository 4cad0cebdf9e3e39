"""A subtree for networkx: read up to a size limit (`read`), analysed (`concepts`), exported (`formats`).

Only `read` talks to the database; the other two run in another process.
"""
