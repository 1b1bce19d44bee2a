"""Corpus: from files or Python lists to texts, tokens and the encoded corpus. Knows no vocabulary."""
