"""The browser, for tests that open pages: import `browser` where it is used."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import NoChromiumError, chromium
from tests.browser.harness import launched


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running Chromium, which ends with the module: other tests have event loops of their own."""
    try:
        program = chromium()
    except NoChromiumError as error:
        pytest.skip(str(error))
    with launched(program) as running:
        yield running
