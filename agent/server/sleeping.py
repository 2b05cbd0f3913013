"""uvicorn without what is not needed of it: its logs, its other protocols, its ticking."""

import asyncio
from typing import Any

import uvicorn


class SleepingServer(uvicorn.Server):
    """Sleeps until it is told to end, instead of waking ten times a second.

    `told` is what else `uvicorn.Config` takes.
    """

    def __init__(
        self, app: Any, http: type[asyncio.Protocol], end_seconds: int, **told: Any
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=http,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                date_header=False,
                server_header=False,
                timeout_graceful_shutdown=end_seconds,
                **told,
            )
        )
        self.ending = asyncio.Event()

    async def main_loop(self) -> None:
        await self.ending.wait()
