"""Bulk insertion: streams of nodes, batch by batch, and the log of the imports that they come from.

The door: `bulk`, `import_facts` and `import_log`.
"""
