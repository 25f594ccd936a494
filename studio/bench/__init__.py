"""Measurements against a known truth: the pocket world and side-by-side comparisons."""
