"""A text as the rules read it: in its normal form, as words, numbers and symbols.

Modules are imported directly.
"""
