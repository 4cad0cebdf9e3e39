"""Test sets, what models answered to them, and what judges found.

The door is `test_sets` and `test_runs`.
"""
