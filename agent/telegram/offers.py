"""Buttons in a chat: each is for one press, and carries a number that nobody guesses."""

import secrets
from dataclasses import replace
from typing import NamedTuple

from models.phone import Wish

OFFER_SECONDS = 60.0
OFFERS_MAX = 50


class Offer(NamedTuple):
    """A button: for one chat and one press. `wish` is None where it means no."""

    chat_id: int
    wish: Wish | None
    until: float
    sibling: str


class Offers:
    """Buttons that were shown and not pressed. In memory alone: after a restart none is good."""

    def __init__(self) -> None:
        self._offers: dict[str, Offer] = {}

    def offer(self, chat_id: int, wish: Wish, now: float) -> tuple[str, str]:
        """What the button for yes and that for no carry; `now` is on the monotonic clock."""
        self._offers = {
            nonce: offer
            for nonce, offer in list(self._offers.items())[-OFFERS_MAX:]
            if offer.until > now
        }
        yes, no = secrets.token_urlsafe(18), secrets.token_urlsafe(18)
        until = now + OFFER_SECONDS
        self._offers[yes] = Offer(chat_id, replace(wish, nonce=yes), until, no)
        self._offers[no] = Offer(chat_id, None, until, yes)
        return yes, no

    def take(self, nonce: str, chat_id: int, now: float) -> Offer | None:
        """Once; with it goes its sibling. None for what is too old, used, or another chat's."""
        offer = self._offers.get(nonce)
        if offer is None or offer.chat_id != chat_id:
            return None
        del self._offers[nonce]
        self._offers.pop(offer.sibling, None)
        return offer if offer.until > now else None
