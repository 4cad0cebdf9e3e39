"""Reads of many nodes: walks, searches, exports.

Modules are imported directly.
"""
