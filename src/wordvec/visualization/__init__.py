"""Visualization: words on a plane, where near means alike, and losses over time. Knows arrays and records, no model."""
