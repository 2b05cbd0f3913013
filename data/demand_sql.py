"""The statements about forecasts that pages and the agent share, and what their rows mean."""
