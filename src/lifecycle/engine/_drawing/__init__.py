"""Pictures of a definition: what is drawn, and a room for each format."""
