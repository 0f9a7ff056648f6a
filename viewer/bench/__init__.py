"""The project's own figures: what is promised, measured on this machine. How each is measured: docs/figures.md."""
