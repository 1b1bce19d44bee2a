"""Recipes: four published systems, each as settings, a tokenizer and the data that it was trained on."""
