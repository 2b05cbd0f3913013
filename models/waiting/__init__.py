"""Work that was refused for want of money: what it is, and when it runs again.

Pure. `agent/waiting/` takes it in and runs it again, `data/waiting.py` keeps it.
"""
