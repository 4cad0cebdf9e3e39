"""Insertion of nodes in one transaction, and what an import says of nodes that are there.

The door is `graph.taxonomy.nodes`; `streams` imports the others.
"""
