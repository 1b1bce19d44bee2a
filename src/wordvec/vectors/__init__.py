"""Vectors: words with their matrix, and the questions that it answers."""
