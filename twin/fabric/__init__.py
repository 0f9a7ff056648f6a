"""What a building is made of, from its model: walls, openings, flights of stairs, and what hides what."""
