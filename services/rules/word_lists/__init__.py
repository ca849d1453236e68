"""Word lists that operators supply: what rules look for as `list.<name>`."""
