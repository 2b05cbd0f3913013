"""What the agent tells pages of the money that is no row of the ledger: a thing of the store each.

Each is told as a whole, so that what is gone from the settings is gone from it as well.
"""

MONEY, HOUSE = "money", "house"
"""Kind and source of these things; the name below is their id, the detail a list in JSON."""
PREPAID, HOURLY, METERED = "prepaid", "hourly", "metered"
