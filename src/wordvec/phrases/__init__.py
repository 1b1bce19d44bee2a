"""Phrases: words that stand side by side more often than chance has it, such as new york, joined to one word."""
