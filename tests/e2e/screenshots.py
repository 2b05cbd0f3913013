"""The pictures in docs/screenshots, of a demo home: `python -m tests.e2e.screenshots`.

Behind it a folder, and the beginnings of the names of those that are wanted, may stand.
"""

import io
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

from data.home import Home
from tests.e2e.browsing import DESK, PHONE, App, Visit, launched, running_app, settled, with_charts
from tests.processes import ROOT, environ_of, running_agent, until

FOLDER = ROOT / "docs" / "screenshots"
BYTES_MAX = 150_000
TRIES = 4
DAYS = 35
PICTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "machines": ("/machines?span=24h", DESK),
    "machines-dark": ("/machines?span=24h", {**DESK, "color_scheme": "dark"}),
    "machines-ko": ("/machines?span=7d&lang=ko", DESK),
    "machines-phone": ("/machines?span=24h", PHONE),
    "machines-gpu": ("/machines?machine=gpu-rented&tab=gpus&span=7d", DESK),
    "databases": ("/machines?tab=databases&span=24h", DESK),
    "services": ("/machines?tab=services&span=24h", DESK),
    "services-dark": ("/machines?tab=services&span=24h", {**DESK, "color_scheme": "dark"}),
    "workflows": ("/workflows?span=24h", DESK),
    "workflows-phone": ("/workflows?span=24h", PHONE),
    "analyses": ("/analyses?span=7d", DESK),
    "bottlenecks": ("/analyses?tab=bottlenecks&span=7d", DESK),
    "bottlenecks-ko": ("/analyses?tab=bottlenecks&span=7d&lang=ko", DESK),
    "costs": ("/costs", DESK),
    "costs-dark": ("/costs?by=model&bucket=total", {**DESK, "color_scheme": "dark"}),
    "costs-ko": ("/costs?tab=models&lang=ko", DESK),
    "costs-phone": ("/costs", PHONE),
    "costs-refused": ("/costs?tab=refused", DESK),
    "costs-providers": ("/costs?tab=providers", DESK),
    "costs-providers-phone": ("/costs?tab=providers", PHONE),
    "costs-advice": ("/costs?tab=advice", DESK),
    "costs-advice-dark": ("/costs?tab=advice", {**DESK, "color_scheme": "dark"}),
    "costs-advice-ko": ("/costs?tab=advice&lang=ko", DESK),
    "budget": ("/budget", DESK),
    "budget-dark": ("/budget", {**DESK, "color_scheme": "dark"}),
    "budget-ko": ("/budget?lang=ko", DESK),
    "budget-phone": ("/budget", PHONE),
    "budget-what-if": ("/budget?tab=what-if&bucket=api&at=95", DESK),
    "demand": ("/demand?series=videos", DESK),
    "demand-dark": ("/demand?series=videos", {**DESK, "color_scheme": "dark"}),
    "demand-ko": ("/demand?series=videos&lang=ko", DESK),
    "demand-phone": ("/demand?series=videos", PHONE),
    "demand-pattern": ("/demand?series=videos&tab=pattern", DESK),
    "demand-accuracy": ("/demand?series=videos&tab=accuracy", DESK),
    "demand-what-if": ("/demand?series=videos&tab=what-if&growth=50", DESK),
    "settings": ("/settings?tab=connect", DESK),
    "overview": ("/", DESK),
    "overview-dark": ("/", {**DESK, "color_scheme": "dark"}),
    "overview-ko": ("/?lang=ko", DESK),
    "overview-phone": ("/", PHONE),
}
"""The overview last: by then its lines of the last minutes have grown."""
OF_A_TAB = ("costs-refused", "costs-providers", "costs-advice", "budget-what-if")
"""Pictures that begin at the tabs: what stands above them is in others. Of lists, the beginning."""
TAB_HEIGHT_MAX = 1_000


def main(folder: Path, *beginnings: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sallim-") as path:
        home = Home(Path(path))
        subprocess.run(
            [sys.executable, "-m", "agent", "demo", "--home", path, "--days", str(DAYS)],
            cwd=ROOT,
            env=environ_of(home),
            check=True,
        )
        with (
            running_agent(home) as (_, reader),
            running_app(home) as app,
            sync_playwright() as playwright,
            launched(playwright) as browser,
        ):
            until(lambda: (live := reader.live()) and len(live.series) > 50)
            for name in PICTURES:
                if not beginnings or name.startswith(beginnings):
                    visited(app, browser, name, folder / f"{name}.png")


def visited(app: App, browser: Browser, name: str, path: Path) -> None:
    """On a machine that is busy with something else a page may take longer than any test allows."""
    address, look = PICTURES[name]
    for _ in range(TRIES):
        visit = Visit(app, browser)
        try:
            with suppress(TimeoutError):
                take(visit(address, **look), path)
                return
        finally:
            visit.close()
    raise SystemExit(f"{address} was not drawn within the time of a test, {TRIES} times")


def take(page: Page, path: Path) -> None:
    """The whole page, since the part that scrolls is not the document."""
    if any(place in page.url for place in ("/machines", "/costs", "/demand")):
        with_charts(page)
    if "tab=advice" in page.url:
        page.locator('[data-testid="stExpander"] summary').first.click()
    size = page.viewport_size
    assert size is not None
    height = page.locator('[data-testid="stMain"]').evaluate("e => e.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": min(height, 2600)})
    settled(page)
    page.wait_for_timeout(2500)
    path.write_bytes(small(page.screenshot(**_cut(page, path.stem))))


def _cut(page: Page, name: str) -> dict[str, Any]:
    if not name.startswith(OF_A_TAB):
        return {}
    box = page.locator('[data-testid="stTabs"]').bounding_box()
    size = page.viewport_size
    assert box is not None
    assert size is not None
    height = min(box["height"], size["height"] - box["y"], TAB_HEIGHT_MAX)
    return {"clip": {"x": 0, "y": box["y"] - 8, "width": size["width"], "height": height + 16}}


def small(png: bytes) -> bytes:
    """At most 256 colours: a screen of text and lines loses nothing that can be seen."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (256, 128, 64):
        out = io.BytesIO()
        picture.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            out, "PNG", optimize=True
        )
        if out.tell() <= BYTES_MAX:
            break
    return out.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER, *sys.argv[2:])
