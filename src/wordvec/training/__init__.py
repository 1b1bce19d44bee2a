"""Training: epochs, threads, the learning-rate schedule, losses and progress reports."""
