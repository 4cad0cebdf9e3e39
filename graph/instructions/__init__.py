"""Instructions: stored by workers, pulled by subtree, and kept in releases.

The door is all of it: `instructions`, `pulls`, `releases`.
"""
