"""Leaks in the estate's words: from the site and a window of its readings to what leaks, where, since when."""
