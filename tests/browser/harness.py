"""Pages that a headless Chromium opens from disk, what they may do, and when they are drawn."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from tests.browser.chromium import Chromium

# As a laptop's, and as a small phone's.
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 375, "height": 700}

# The longest wait for anything on a page: machines that run tests are slow at times.
PATIENCE_MS = 20_000

_CHECKS = Path(__file__).with_name("checks.js")


@contextmanager
def launched(chromium: Chromium) -> Iterator[Browser]:
    """A running Chromium. Only one is open at a time: Playwright keeps the thread's event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.program,
            env=dict(chromium.environment),
            args=["--disable-gpu", "--font-render-hinting=none"],
        )
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, path: Path, folder: Path, **options: Any) -> Iterator[Page]:
    """Open a page from disk, without a network, and wait until it says that it is drawn.

    At the end, AssertionError where it asked for anything but files of the folder, or where it
    (or a page that it opened) told of an error, a warning or a dialog. The options are those of
    Playwright's `new_context`.
    """
    settings: dict[str, Any] = {"viewport": DESKTOP, "reduced_motion": "reduce"}
    context = browser.new_context(offline=True, service_workers="block", **(settings | options))
    context.set_default_timeout(PATIENCE_MS)
    problems = _problems(context, folder.resolve())
    page = context.new_page()
    try:
        page.goto(path.resolve().as_uri())
        wait_until_drawn(page)
        yield page
    except Exception as error:
        for problem in problems:
            error.add_note(problem)
        raise
    finally:
        context.close()
    assert not problems, "\n".join([path.name, *problems])


def wait_until_drawn(page: Page) -> None:
    """Wait until the page says that all of it is drawn, after what was changed last."""
    page.evaluate("() => new Promise((done) => setTimeout(() => requestAnimationFrame(done)))")
    page.wait_for_function("document.body.dataset.ready === 'true'")


def found(page: Page, check: str) -> list[str]:
    """What a check of checks.js finds wrong with the page, as lines."""
    return page.evaluate(f"() => {{ {_checks()}; return {check}(); }}")


@functools.cache
def _checks() -> str:
    return _CHECKS.read_text(encoding="utf-8")


def _problems(context: BrowserContext, folder: Path) -> list[str]:
    """A list that fills with what goes wrong on the pages of the context."""
    problems: list[str] = []

    def asked(request: Request) -> None:
        if not _is_allowed(request.url, folder):
            problems.append(f"asked for {request.url[:200]}")

    def said(message: Any) -> None:
        if message.type in ("error", "warning"):
            problems.append(f"console {message.type}: {message.text}")

    def dialog(shown: Any) -> None:
        problems.append(f"{shown.type} dialog: {shown.message}")
        shown.dismiss()

    context.on("request", asked)
    context.on("console", said)
    context.on("dialog", dialog)
    context.on("weberror", lambda error: problems.append(f"uncaught: {error.error}"))
    return problems


def _is_allowed(url: str, folder: Path) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Path(unquote(parts.path)).resolve().is_relative_to(folder)
    return parts.scheme in ("blob", "data", "about")
