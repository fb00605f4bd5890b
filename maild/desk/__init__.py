"""What should happen: the lifecycle, routing, commands and notices, decided on values."""
