"""Compares two models by the questions of a test set.

The door is `pairwise`, `test_sets` and `test_report`.
"""
