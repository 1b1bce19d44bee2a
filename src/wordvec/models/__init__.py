"""Models: word2vec in PyTorch, to be read beside the papers; they judge every fast kernel."""
