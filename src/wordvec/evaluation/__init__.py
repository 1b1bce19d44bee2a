"""Evaluation: how good vectors are, by tests of other people: analogies, and similarities that people have judged."""
