"""What can be told of a text without a model, as pure functions: no graph, no model, no files.

Modules are imported directly; nothing here imports another wing.
"""
