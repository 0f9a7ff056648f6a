"""Estates to try: the generator that writes them and the simulator that brings them to life."""
