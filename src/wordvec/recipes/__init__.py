"""Recipes: the four published word2vec systems that wordvec began with, as named settings with their data."""
