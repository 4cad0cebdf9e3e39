"""Benchmarks as they are published: well-known ones on the hub (`known`, `hub`), and files of rows (`rows`).

`sources` is the door: it gives the items of a benchmark as POST /v1/benchmarks takes them.
"""
