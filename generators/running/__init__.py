"""Runs jobs: takes their units, calls the models and stores every reply.

The door is `engines` (a worker), `run`, `resume` and `reparse`.
"""
