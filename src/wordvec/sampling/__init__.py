"""Sampling: the distributions that word2vec draws from, and the seeds of the draws."""
