"""From statements to a plan: which concepts, under which others, of which kind, by which name.

Everything is counted in integers: concepts are numbered in the order of their URIs, so that the same file
gives the same plan. Nothing recurses, and memory is a few bytes per concept and edge. `plan` is the door.
"""
