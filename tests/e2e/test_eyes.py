"""Every page at every size, light and dark, in both languages: `make eyes` looks at all of them.

`make test` looks at a sample; SALLIM_EYES=all asks for the whole matrix.
"""

import os
from itertools import product

import pytest

from tests.e2e.browsing import PHONE, WCAG, fits, in_the_way

pytestmark = pytest.mark.slow

PATHS = ("/", "/machines?span=live", "/machines?span=7d", "/machines?tab=gpus")
SIZES = {
    "phone": PHONE,
    "tablet": {"viewport": {"width": 768, "height": 1024}},
    "desk": {"viewport": {"width": 1440, "height": 900}},
}
LOOKS = list(product(PATHS, SIZES, ("light", "dark"), ("ko-KR", "en-US")))
EVERY = 1 if os.environ.get("SALLIM_EYES") == "all" else 11
"""Eleven shares no factor with the matrix, so the sample meets every value of every axis."""

NAVIGATION = '[data-testid="stSidebarNavItems"]'
"""Streamlit's own list of pages on a phone: its <ul> holds more than <li>, which we cannot mend."""

CLIPPED = """() => [...document.querySelectorAll('[data-testid="stMetricValue"] *')]
  .filter(e => e.children.length === 0 && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)
  .map(e => e.textContent)"""


@pytest.mark.parametrize(("path", "size", "scheme", "locale"), LOOKS[::EVERY])
def test_a_page_fits_reads_and_complains_of_nothing(visit, path, size, scheme, locale):
    page = visit(path, **{**SIZES[size], "color_scheme": scheme, "locale": locale})

    assert fits(page)
    assert page.evaluate(CLIPPED) == []
    elsewhere = {"exclude": [[NAVIGATION]]}
    assert in_the_way(page, context=elsewhere, options=WCAG) == []
