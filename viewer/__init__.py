"""All that people see: web API and pages, command line, stills and reports."""
