"""Questions by HTTP and by MCP, and the explorer: what `wordvec serve` offers."""
