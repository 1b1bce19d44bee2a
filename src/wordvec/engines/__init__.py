"""Engines: what does the arithmetic of training, one room each; an engine describes itself, and a run chooses one."""
