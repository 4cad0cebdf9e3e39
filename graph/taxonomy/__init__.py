"""The nodes from taxonomy to key concept: reading, changing and walking them.

The door is `nodes` (single nodes and all edits of them), `traversal` (walks and lists), `syllabi` (sessions,
concepts and the positions handed out), `history`, `aliases`, and `bulk` (insertion of a stream of nodes).
"""
