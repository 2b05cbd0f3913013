"""What others publish about money: exchange rates and bills. One file a source.

No part knows another one; `agent/wiring/money.py` joins them, and `agent/billing.py` runs them.
"""
