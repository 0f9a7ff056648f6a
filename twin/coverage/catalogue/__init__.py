"""Device models as their data sheets describe them, by what is common on the market."""
