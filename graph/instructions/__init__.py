"""Instructions: stored by workers, pulled by subtree, and kept in releases.

The door is all of it: `instructions`, `pulls`, `releases`, and `rows` (what workers store and read back).
"""
