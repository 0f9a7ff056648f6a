"""Foreign files become sites; each importer gives the site and notes on what it had to decide."""
