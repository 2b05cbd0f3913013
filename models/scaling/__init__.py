"""How many machines a pool should have: decided in plain Python, carried out elsewhere."""
