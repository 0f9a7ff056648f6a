"""Leaks on sample estates with the truth known: EPANET's flows, and what imperfect meters make of them."""
