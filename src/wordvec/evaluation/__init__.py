"""Evaluation: tests of word meaning, and how vectors differ from model to model and from seed to seed."""
