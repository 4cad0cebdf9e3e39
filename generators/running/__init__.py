"""Runs jobs: units in, calls out, rows back, nothing lost.

The door is `engines` (a worker), `run`, `resume` and `reparse`.
"""
