"""Fits and forecasts in a process of their own: `apart` starts it, `child` is it.

What fits holds 200 MB and seconds of a CPU: neither is for the agent, nor for a page.
"""
