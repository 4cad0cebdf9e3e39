"""What instructions are held against, and what checks found about them, as facts in the graph.

The door is `benchmarks`, whose items are kept out, their `loading`, `evidence`, and `checks` of what is there
with their `findings`.
"""
