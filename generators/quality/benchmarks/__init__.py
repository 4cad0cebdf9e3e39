"""Whether a text is an item of a benchmark, or contains one.

The door: `contamination`, and `item_list` to read the items.
"""
