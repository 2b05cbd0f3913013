"""Fits and forecasts: numpy, and here alone statsmodels. A child loads it, never the agent."""
