"""What the tests of pages would notice: each page here has one fault, and one has none."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import NoChromiumError, unpacked
from tests.browser.harness import PHONE, found, opened

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>body {{ color: #222; background: #fff }} .narrow {{ width: 80px }}</style></head>
<body><main><h1>A page</h1>{body}</main>
<script>
for (const canvas of document.querySelectorAll("canvas.drawn")) {{
  canvas.getContext("2d").fillRect(10, 10, 20, 20);
}}
{script}
document.body.dataset.ready = "true";
</script></body></html>"""

GOOD = """
<label>From <input type="date"></label> <a href="other.html">Other</a>
<figure data-figure="a" role="img" aria-label="Sessions"><canvas class="drawn"></canvas></figure>
<h2>Part</h2><table><caption>Sessions</caption><thead><tr><th>date</th></tr></thead>
<tbody><tr><td>1</td></tr></tbody></table>
<p style="color: #767676">Barely legible</p>
"""


def page_of(folder: Path, body: str = GOOD, script: str = "") -> Path:
    path = folder / "page.html"
    path.write_text(PAGE.format(body=body, script=script), encoding="utf-8")
    return path


def test_a_page_without_fault_passes(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, page_of(tmp_path), tmp_path, viewport=PHONE) as page:
        for check in ("accessibility", "contrast", "overflow", "blank"):
            assert found(page, check) == []


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("console.error('broken');", "console error: broken"),
        ("console.warn('old');", "console warning: old"),
        ("setTimeout(() => { throw new Error('late'); });", "uncaught: late"),
        ("Promise.reject(new Error('left'));", "uncaught: left"),
        ("alert('hello');", "alert dialog: hello"),
        ("fetch('https://out.example/a').catch(() => {});", "asked for https://out.example/a"),
        ("new Image().src = 'http://out.example/b';", "asked for http://out.example/b"),
        ("new Image().src = '../outside.png';", "asked for file:///"),
        ("new WebSocket('ws://out.example/c');", "ws://out.example/c"),
        ("open('https://out.example/d');", "asked for https://out.example/d"),
    ],
)
def test_what_a_page_must_not_do_fails(
    browser: Browser, tmp_path: Path, script: str, told: str
) -> None:
    with (
        pytest.raises(AssertionError) as failed,
        opened(browser, page_of(tmp_path, script=script), tmp_path) as page,
    ):
        page.wait_for_timeout(100)
    assert told in str(failed.value)


@pytest.mark.parametrize(
    ("check", "body", "told"),
    [
        ("accessibility", "<h3>Part</h3>", "heading out of order"),
        ("accessibility", "<h1>Another</h1>", "2 h1"),
        ("accessibility", "<input>", "a control has no name"),
        ("accessibility", "<button></button>", "a control has no name"),
        ("accessibility", "<a href='x'><img src='data:,' alt=''></a>", "a control has no name"),
        ("accessibility", "<canvas></canvas>", "a graphic has no name"),
        ("accessibility", "<img src='data:,' alt='a'>" * 2, "two graphics have one name: a"),
        ("accessibility", "<table><tr><td>1</td></tr></table>", "a table has no header"),
        ("accessibility", "<table><tr><th>1</th></tr></table>", "a table has no name"),
        ("accessibility", "<table><thead><td>1</td></thead></table>", "a head's cell is no th"),
        (
            "accessibility",
            "<table><thead><th><b style='display: none'>1</b></th></thead></table>",
            "a head's cell shows nothing",
        ),
        ("accessibility", "<p id='a'></p><p id='a'></p>", "id twice: a"),
        ("accessibility", "<p aria-describedby='gone'></p>", "names no element: gone"),
        ("accessibility", "<b tabindex='1'>1</b>", "a tabindex above 0"),
        ("contrast", "<p style='color: #777'>Grey</p>", "contrast 4.48"),
        ("contrast", "<p style='opacity: 0.5'>Pale</p>", "contrast"),
        ("contrast", "<p style='background: rgb(0 0 0 / 70%)'>Dark</p>", "contrast"),
        ("overflow", "<p style='width: 500px'>Wide</p>", "508 px wide in 375"),
        ("blank", "<canvas></canvas>", "a canvas of one colour"),
        ("blank", "<canvas width=20 height=20></canvas>", "a canvas of 20"),
        ("blank", "<i data-figure=a><svg><rect width=9 height=9 /></svg></i>", "1 marks"),
        ("focused", "", "nothing has the focus"),
        ("focused", "<input autofocus style='outline: 0'>", "the focus is not shown"),
    ],
)
def test_what_is_wrong_with_a_page_is_found(
    browser: Browser, tmp_path: Path, check: str, body: str, told: str
) -> None:
    with opened(browser, page_of(tmp_path, body), tmp_path, viewport=PHONE) as page:
        assert told in "\n".join(found(page, check))


def test_contrast_is_that_of_the_mode_that_is_shown(browser: Browser, tmp_path: Path) -> None:
    body = "<style>:root { color-scheme: light dark } body { background: none !important }</style>"
    with opened(browser, page_of(tmp_path, body), tmp_path) as page:
        assert found(page, "contrast") == []
        page.emulate_media(color_scheme="dark")
        assert found(page, "contrast") != []


def test_without_apt_it_is_told_why_there_is_no_chromium(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoChromiumError, match="no apt-get"):
        unpacked(tmp_path / "cache" / "chromium")


def test_where_the_packages_can_not_be_had_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {"apt-get": "echo 'E: out of reach' >&2; exit 100", "dpkg-deb": ""}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(NoChromiumError, match="E: out of reach"):
        unpacked(tmp_path / "cache" / "chromium")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["chromium.lock"]
