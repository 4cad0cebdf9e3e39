"""How bodies and answers look: strict JSON, lines, tables, Parquet, and which of them a request asks for.

The door is all of it; nothing here knows a route.
"""
