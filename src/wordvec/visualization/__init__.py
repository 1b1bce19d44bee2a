"""Visualization: maps of words and curves of losses, from arrays and training records."""
