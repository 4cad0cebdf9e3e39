"""Instructions: stored by workers, pulled by subtree, split, and kept in releases.

The door is all of it: `instructions`, `pulls`, `splits`, `releases`, `pinned` and `facts` (what a release has
and knows of its lines), and `rows` (what workers store and read back).
"""
