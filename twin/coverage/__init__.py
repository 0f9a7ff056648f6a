"""What cameras and other devices reach of the places that require it, and what would change that."""
