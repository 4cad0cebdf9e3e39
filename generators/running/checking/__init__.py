"""Looks through what is there, as a job of its own or at the end of one.

The door is `graph_check`, `sweep` and `calibrating`.
"""
