"""The shell's face of wordvec: one file per verb."""
