"""Debian's headless Chromium, driven by Playwright. The browser comes by apt, its libraries and fonts too; nothing is installed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from .debian import CACHE, unpack

PACKAGE = "chromium-headless-shell"
FONTS = ("fonts-inter", "fonts-jetbrains-mono", "fonts-dejavu-core")
SHOTS = CACHE / "screenshots"
"""Where pictures of pages are kept; git does not know it."""
FLAGS = (
    "--no-sandbox",  # which a container has no rights for; only pages of the service under test are opened
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
)
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{directory}</dir>
  <cachedir>{cache}</cachedir>
  <alias binding="strong"><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="strong"><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="strong"><family>monospace</family><prefer><family>JetBrains Mono</family></prefer></alias>
</fontconfig>
"""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, for the length of a ``with`` block; each context of it is somebody else's.

    Raises:
        RuntimeError: Debian's packages cannot be had.
    """
    home = unpack(PACKAGE, *FONTS)
    libraries = {str(found.parent) for found in (home / "usr" / "lib").glob("*-linux-gnu/**/*.so*")}
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        # A profile is new and empty with each launch: Playwright makes the directory, and removes it.
        browser = playwright.chromium.launch(
            executable_path=home / "usr" / "lib" / "chromium" / PACKAGE,
            args=FLAGS,
            env={
                **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
                "LD_LIBRARY_PATH": ":".join(sorted(libraries)),
                "FONTCONFIG_FILE": str(_fonts(home, Path(scratch))),
                "TZ": "UTC",
            },
        )
        try:
            yield browser
        finally:
            browser.close()


def _fonts(home: Path, scratch: Path) -> Path:
    """The same fonts on every machine, so that pages are laid out alike."""
    path = scratch / "fonts.conf"
    path.write_text(
        _FONTS.format(directory=home / "usr" / "share" / "fonts", cache=scratch / "fontcache"), encoding="utf-8"
    )
    return path


def shoot(page: Page, name: str, *, whole: bool = False) -> Path:
    """Keeps a picture of a page; returns where."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=whole, animations="disabled")
    return path
