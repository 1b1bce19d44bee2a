"""Vocabulary: which words there are, how often, and which number each one has. Strings stop here."""
