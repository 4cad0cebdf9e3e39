"""What can be told of a text without a model, as pure functions: no graph, no model, no files.

Nothing here imports another wing of generators. Beside the wings of its own stand `flaws`, which is what
rules find, and `diversity`, which many questions have together.
"""
