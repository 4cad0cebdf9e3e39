"""The nodes from the taxonomy to the key concepts: what they are, how they are changed, how one walks them.

The door is `nodes` (one node and every edit of it), `traversal` (walks and lists), `syllabi` (sessions,
concepts and the positions handed out), `history`, `aliases`, and `bulk` (insertion of many in a stream).
"""
