"""Numbered changes of the journal's tables, for both engines; `twin.journal` applies them when it opens."""
