"""What the pages are given of a site: pure functions from its index to JSON documents, and prepared look-ups."""
