"""A plain video element in headless Chromium: what a browser shows at a time, and how long it says a file is."""

import base64
import io
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from tests.end_to_end.browser import OPTIONS

SECONDS = 300  # a script may take; the machine may be doing other work
# Label Studio's page seeks to a frame's time in steps of this, and one beyond: a browser rounds times, and at the very
# moment when a picture comes on screen would show now this one and now the one before.
SEEK_STEP = 0.002  # s
PAGE = "<!doctype html><title>player</title><video muted></video><canvas></canvas>"
OPEN = """
const [url, done] = arguments, video = document.querySelector('video');
video.onerror = () => done(null);
video.onloadeddata = () => done({duration: video.duration, width: video.videoWidth, height: video.videoHeight});
fetch(url).then(answer => answer.blob()).then(blob => { video.src = URL.createObjectURL(blob); });
"""
# The picture is drawn once the frame that was sought is on screen: some seeks end a moment before that.
SHOW = """
const [times, width, height, done] = arguments;
const video = document.querySelector('video'), canvas = document.querySelector('canvas');
[canvas.width, canvas.height] = [width, height];
(async () => {
  const pictures = [];
  for (const time of times) {
    const sought = new Promise(resolve => {
      video.onseeked = () => resolve(true);
      setTimeout(() => resolve(false), 10000);
    });
    const painted = new Promise(resolve => { video.requestVideoFrameCallback(resolve); setTimeout(resolve, 1500); });
    video.currentTime = time;
    const found = await sought;
    if (!found) { pictures.push(null); continue; }
    await painted;
    canvas.getContext('2d').drawImage(video, 0, 0, width, height);
    pictures.push(canvas.toDataURL('image/png').split(',')[1]);
  }
  done(pictures);
})();
"""


@dataclass(frozen=True)
class Opened:
    """What the player says of a file: seconds, and pixels as displayed."""

    duration: float
    width: int
    height: int


class Player:
    """The page; it plays files of one folder."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self._driver, self._address = driver, address

    def open(self, name: str) -> Opened | None:
        """Load a file; None where the browser cannot play it."""
        self._driver.get(f"{self._address}/player.html")
        told: Any = self._driver.execute_async_script(OPEN, f"{self._address}/{name}")
        return None if told is None else Opened(told["duration"] or 0.0, told["width"], told["height"])

    def show(self, frames: Sequence[int], frame_rate: float, size: tuple[int, int]) -> list[np.ndarray | None]:
        """The pictures on Label Studio's frames, counted at `frame_rate`, each (height, width, 3) uint8 of `size`.

        None where the browser does not come to that time: it gives up in mid-file.
        """
        height, width = size
        times = [round((frame - 1) / frame_rate / SEEK_STEP) * SEEK_STEP + SEEK_STEP for frame in frames]
        shown: list[str | None] = self._driver.execute_async_script(SHOW, times, width, height)
        return [
            None if one is None else np.asarray(Image.open(io.BytesIO(base64.b64decode(one))).convert("RGB"))
            for one in shown
        ]


@contextmanager
def player(folder: Path) -> Iterator[Player | None]:
    """A player of the files in a folder, which also gets the page; None where there is no Chromium."""
    binary, driver_path = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver_path is None:
        yield None
        return
    (folder / "player.html").write_text(PAGE)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    options = Options()
    options.binary_location = binary
    with tempfile.TemporaryDirectory() as profile:
        for option in (*OPTIONS, f"--user-data-dir={profile}", *(["--no-sandbox"] if os.getuid() == 0 else [])):
            options.add_argument(option)
        driver = webdriver.Chrome(options=options, service=Service(driver_path))
        try:
            driver.set_script_timeout(SECONDS)
            yield Player(driver, f"http://127.0.0.1:{server.server_port}")
        finally:
            driver.quit()
            server.shutdown()
            server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""
