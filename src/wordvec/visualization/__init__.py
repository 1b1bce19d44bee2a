"""Visualization: words on a plane, where near means alike. Works on arrays and words, knows no model."""
