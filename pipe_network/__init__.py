"""Pipes of every kind, in EPANET's terms; usable without a twin."""
