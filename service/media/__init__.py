"""The formats of requests and responses: strict JSON, lines, tables, Parquet, and how one is chosen.

The door is all of it; nothing here knows a route.
"""
