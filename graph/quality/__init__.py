"""What checks found about instructions, as facts in the graph.

The door is `graph.quality.evidence`.
"""
