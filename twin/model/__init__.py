"""The site model: frozen, validated, only describing. See ``docs/site-folder.md`` for its files."""
