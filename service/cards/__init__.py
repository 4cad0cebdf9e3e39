"""The card of a release: counted from what the release has pinned, written as the hub's README.md.

The door is `card_of` in `card`; `counts` counts, `markdown` writes.
"""
