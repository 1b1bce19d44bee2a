"""Benchmarks: measurements of wordvec, and of gensim beside it; start reading in compare.py."""
