"""The factory: language-model calls in, graph facts out."""
