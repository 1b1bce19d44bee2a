"""Storage: files and folders replaced as a whole, locks, and temporary places; a crash loses nothing."""
