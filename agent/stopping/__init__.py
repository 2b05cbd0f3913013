"""Stopping what costs money, and bringing it back: whoever wants that asks here.

    stopping.stop(["ocr-worker"], BUDGET, reason)      # with all that depends on it
    stopping.start(["ocr-worker"], PERSON, reason)     # with all that it requires
    stopping.may(RECOVERY, "ocr-worker", REPAIR)       # before anything is repaired

Both give the id of a batch, of which `batch` tells how far it has come. A wish that is repeated is
no second operation. What may not be done by itself is asked or only written down.
"""

from agent.stopping.book import Book, Tell, tell_nobody
from agent.stopping.moving import Actor, Mover
from agent.stopping.stopping import Stopping
from agent.stopping.telling import Rights

__all__ = ["Actor", "Book", "Mover", "Rights", "Stopping", "Tell", "tell_nobody"]
