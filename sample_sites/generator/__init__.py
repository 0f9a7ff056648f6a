"""Estates made to a plan: deterministic, of any size, the same plan gives the same files."""
