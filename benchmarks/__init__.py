"""Benchmarks: what the library costs on a catalog of known size; run `python -m benchmarks`."""
