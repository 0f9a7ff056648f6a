"""The web interface of ``docs/api.md``: one router a module; a route parses, calls and returns."""
