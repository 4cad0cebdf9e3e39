"""Counts, numbers, shuffles and hands out the concept combinations of a syllabus. Pure arithmetic.

The door is `strata`, `combinations`, `syllabus_space`, `handed_out` and `gaps`; only `syllabus_space`
shuffles.
"""
