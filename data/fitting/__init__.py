"""Fits and forecasts in a process of their own: `apart` gives it works and starts it
anew, `pipe` speaks with it, `child` is it.

What fits holds 200 MB and seconds of a CPU: neither is for the agent, nor for a page.
"""
