"""Headless Chromium in front of Label Studio: what an annotator sees, read through Label Studio's own store."""

import itertools
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import JavascriptException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from earmark.studio import EMAIL
from tests.end_to_end.running_demo import until

PAGE_SECONDS = 90  # a page needs 5 to 15 s on two cores, more while a video is being annotated
OPTIONS = (
    "--headless=new",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--force-device-scale-factor=1",
    # Label Studio's pages name hosts elsewhere: nothing but this machine is to be asked for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--mute-audio",
    "--no-first-run",
    "--window-size=1500,1100",
)
# The canvas that regions are drawn on comes last, with a video's first frame or the whole picture.
READY = """
const annotation = window.Htx && Htx.annotationStore && Htx.annotationStore.selected;
const kinds = annotation ? [...annotation.names.values()].map(one => one.type) : [];
const video = document.querySelector('video');
const played = !kinds.includes('video') || video && video.readyState >= 2 && video.videoWidth;
return Boolean(annotation && played && window.Konva && Konva.stages.length);
"""
VIDEO = "[...Htx.annotationStore.selected.names.values()].find(one => one.type === 'video')"
# What the canvas draws inside its bounds, in percent of the picture: the layer's origin is the picture's corner, its
# unit a pixel of the file.
DRAWN = """
const stage = Konva.stages[0], video = document.querySelector('video');
const inside = box => box.x + box.width > 0 && box.y + box.height > 0
    && box.x < stage.width() && box.y < stage.height();
return stage.find('Rect').filter(one => one.isVisible() && inside(one.getClientRect())).map(one => ({
    x: one.x() / video.videoWidth * 100,
    y: one.y() / video.videoHeight * 100,
    width: one.width() / video.videoWidth * 100,
    height: one.height() / video.videoHeight * 100,
}));
"""


def button(text: str) -> str:
    """The page's own expression for a button: React may replace one between finding and pressing it."""
    return f"[...document.querySelectorAll('button')].find(one => one.textContent.trim() === '{text}')"


@dataclass(frozen=True)
class Box:
    """A box in percent of the picture."""

    x: float
    y: float
    width: float
    height: float

    def near(self, other: "Box", tolerance: float = 1.0) -> bool:
        """Whether all four differ by at most `tolerance` percent points."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return all(abs(one - two) <= tolerance for one, two in pairs)


def expected(result: list[dict[str, Any]], frame: int) -> list[Box]:
    """The boxes Label Studio is to draw on a frame: linear between keyframes, gone after a disabled one."""
    boxes = []
    for item in result:
        if item["type"] != "videorectangle":
            continue
        sequence = item["value"]["sequence"]
        before = [one for one in sequence if one["frame"] <= frame]
        after = [one for one in sequence if one["frame"] > frame]
        if not before or (not before[-1]["enabled"] and before[-1]["frame"] < frame):
            continue
        first, last = before[-1], (after or before)[0 if after else -1]
        if not first["enabled"]:
            last = first
        share = 0 if last is first else (frame - first["frame"]) / (last["frame"] - first["frame"])
        boxes.append(Box(*(first[side] + share * (last[side] - first[side]) for side in ("x", "y", "width", "height"))))
    return boxes


class Browser:
    """A window logged in to a Label Studio."""

    def __init__(self, driver: webdriver.Chrome, url: str) -> None:
        self.driver, self.url = driver, url

    def log_in(self, password: str) -> None:
        """Log in by the form."""
        self.driver.get(f"{self.url}/user/login")
        self.driver.find_element(By.NAME, "email").send_keys(EMAIL)
        self.driver.find_element(By.NAME, "password").send_keys(password)
        self.driver.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
        until(lambda: "/login" not in self.driver.current_url, "the login", PAGE_SECONDS)

    def open_project(self, project: int) -> None:
        """Open a project's table of tasks: its first page ever loses predictions now and then, so once before any."""
        self.driver.get(f"{self.url}/projects/{project}/data")
        until(lambda: self._run(f"return Boolean({button('Label All Tasks')})"), "the table of tasks", PAGE_SECONDS)

    def open_task(self, project: int, task: int) -> None:
        """Open a task by its address, as a link in a message would."""
        self.driver.get(f"{self.url}/projects/{project}/data?task={task}")
        self._await_task(task)

    def label_all_tasks(self, project: int) -> int:
        """Press Label All Tasks; the task that comes first."""
        self.open_project(project)
        self._run(f"{button('Label All Tasks')}.click()")
        self._await_task(None)
        return int(self.driver.execute_script("return Htx.task.id"))

    def regions(self) -> list[Mapping[str, Any]]:
        """What the store holds of the annotation on screen: type, label and score of each region."""
        return self.driver.execute_script(
            "return Htx.annotationStore.selected.regions.map(one => ({type: one.type, labels: one.labels || [], "
            "score: one.score === undefined ? null : one.score}))"
        )

    def choices(self) -> list[str]:
        """The choices ticked below the video."""
        return self.driver.execute_script(
            "return [...Htx.annotationStore.selected.names.values()].filter(one => one.type === 'choices')"
            ".flatMap(one => one.selectedValues())"
        )

    def drawn(self, frame: int) -> list[Box]:
        """Seek to a frame; the boxes on the canvas once picture and store are there."""
        self.driver.execute_script(f"{VIDEO}.setFrame({frame})")
        until(
            lambda: self.driver.execute_script(f"return {VIDEO}.frame === {frame}"), f"frame {frame}", PAGE_SECONDS, 0.1
        )
        return [Box(**one) for one in self.driver.execute_script(DRAWN)]

    def relabel(self, title: str, label: str) -> None:
        """Call the first region of that title by a label: a click on it in the list of regions, one on the label."""
        titles, labels = ".lsf-outliner-item__title", ".lsf-label_clickable .lsf-label__text"
        for selector, text in ((titles, title), (labels, label)):
            found = self.driver.find_elements(By.CSS_SELECTOR, selector)
            next(one for one in found if one.text == text).click()

    def submit(self) -> None:
        """Press Submit; the page offers Update once Label Studio has the annotation."""
        self._run(f"{button('Submit')}.click()")
        update = f"return Boolean({button('Update')})"
        until(lambda: self._run(update), "the answer to Submit", PAGE_SECONDS)

    def screenshot(self, name: str) -> None:
        """Keep what is on screen, where EARMARK_SCREENSHOTS names a folder."""
        if folder := os.environ.get("EARMARK_SCREENSHOTS"):
            assert self.driver.save_screenshot(str(Path(folder) / name))

    def _await_task(self, task: int | None) -> None:
        """Wait for the editor; once more from the start where it came up without the prediction."""
        wanted = "true" if task is None else f"Number(Htx.task.id) === {task}"
        for attempt in (1, 2, 3):
            until(lambda: self._run(READY) and self._run(f"return {wanted}"), "the editor", PAGE_SECONDS)
            deadline = time.monotonic() + 15
            while time.monotonic() < deadline:
                if self._run("return Htx.annotationStore.selected.regions.length > 0"):
                    return
                time.sleep(0.5)
            if attempt < 3:
                self.driver.refresh()
        raise AssertionError("the editor shows no region")

    def _run(self, script: str) -> Any:
        try:
            return self.driver.execute_script(script)
        except JavascriptException:  # the page is still being built
            return None


@contextmanager
def chromium(url: str, password: str, folder: Path) -> Iterator[Browser]:
    """A logged-in window, its profile in `folder`; the test is skipped where there is no Chromium with its driver."""
    binary, driver_path = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver_path is None:
        pytest.skip("there is no chromium with chromedriver here (Debian: apt-get install chromium chromium-driver)")
    options = Options()
    options.binary_location = binary
    for option in (*OPTIONS, f"--user-data-dir={folder}", *(["--no-sandbox"] if os.getuid() == 0 else [])):
        options.add_argument(option)
    driver = webdriver.Chrome(options=options, service=Service(driver_path))
    try:
        driver.set_script_timeout(PAGE_SECONDS)
        driver.set_page_load_timeout(PAGE_SECONDS)
        browser = Browser(driver, url)
        browser.log_in(password)
        yield browser
    finally:
        driver.quit()


def assert_drawn(browser: Browser, result: list[dict[str, Any]]) -> None:
    """Every frame looked at shows exactly the prediction's boxes, where the prediction has them."""
    shown = 0
    for frame in frames_to_look_at(result):
        boxes = expected(result, frame)
        shown += len(boxes)

        def all_there(frame: int = frame, boxes: list[Any] = boxes) -> bool:
            drawn = browser.drawn(frame)
            return len(drawn) == len(boxes) and all(any(one.near(two) for two in drawn) for one in boxes)

        until(all_there, f"frame {frame} to show {boxes}, not {browser.drawn(frame)}", 20, 0.2)
    assert shown, "no box was on screen at any frame"


def frames_to_look_at(result: list[dict[str, Any]]) -> list[int]:
    """Around every coming and going of a box, and in the middle between keyframes."""
    frames = set()
    for item in result:
        if item["type"] == "videorectangle":
            keys = [one["frame"] for one in item["value"]["sequence"]]
            frames |= {keys[0] - 1, keys[0], keys[-1], keys[-1] + 1}
            frames |= {(one + two) // 2 for one, two in itertools.pairwise(keys)}
    last = max(item["value"]["framesCount"] for item in result if item["type"] == "videorectangle")
    return sorted(frame for frame in frames if 1 <= frame <= last)
