"""Changes of nodes and their links, each in one transaction with its record.

The door for edits of single nodes is `graph.taxonomy.nodes`. From here come `aliases`, and what reviews,
proposals and instructions change in one transaction with nodes: `history`, `locks`, `seals`, `following`.
"""
