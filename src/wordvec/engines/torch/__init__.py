"""The torch engine: every model of the family, in PyTorch."""
