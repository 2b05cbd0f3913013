"""What is coming: which series are demand, how they are forecast, and how good that was.

Plain Python: the agent and the pages both hold these values; what fits them is models/forecasts.
"""
