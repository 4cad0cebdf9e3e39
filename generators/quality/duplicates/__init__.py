"""Whether two questions ask the same, and how well the rule for it does on pairs whose answer is known.

The door: `near_duplicates`, `prepared`, `search_words` and `calibration`.
"""
