"""Tuning: the settings that suit a text and a task, found by training on samples of the text, and then on all of it."""
