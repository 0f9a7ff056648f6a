"""Ways for people's daily work: who goes how fast where, what is locked, the line to walk, and its words."""
