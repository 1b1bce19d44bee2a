"""Planning: what a run would take, and whether this machine has it, before any text is read."""
