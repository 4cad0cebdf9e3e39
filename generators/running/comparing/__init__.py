"""Compares texts with those of the graph and of benchmarks, many at a time.

The door is `checks` (of a stream's questions), `comparison`, `benchmarks`, `benchmark_loading`, `batches`.
"""
