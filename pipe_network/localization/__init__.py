"""Where a leak is, from pressures and inflows before and after it began."""
