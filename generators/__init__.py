"""Everything that asks language models: calls go out, and their replies become facts in the graph."""
