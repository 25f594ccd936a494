"""Controls: one technique's hand on the loop per file. See `base.Control` for what a hand may do."""
