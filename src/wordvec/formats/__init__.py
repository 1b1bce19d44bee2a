"""Formats: how vectors are written to files, and how files of others are read."""
