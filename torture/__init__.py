"""Torture: what no user should do to a run or a file, done on purpose; nothing may be lost or believed."""
