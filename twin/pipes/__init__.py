"""Pipe networks in the words of the estate: what a shut-down takes from whom, what hangs on what, what is amiss."""
