"""The page in a real browser: at phone and desk widths, light and dark, by keyboard, kept up to date, cancelled."""

import base64
import io
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from werkzeug.serving import make_server

from backend import cancelling, trainings
from backend.app import create_app, poll
from backend.leases import Lease
from backend.projects import ProjectKey
from backend.settings import Settings
from backend.tasks import TaskStates
from backend.trainings import Status
from model.checkpoints import SHIPPED, load_models
from tests.backend.calls import SECRET
from tests.backend.page.lived_in import beat, furnish, put_samples
from tests.backend.stand_in import CREATED, StandIn
from tests.end_to_end.browser import OPTIONS
from tests.end_to_end.running_demo import until

TOKEN = "0123456789abcdef0123456789abcdef01234567"
WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}
SCHEMES = ("light", "dark")
SAMPLES = 6
MOST_BYTES = 200_000  # of a screenshot
# By how much the page is wider than the window, and what sticks out of it or of its panel.
OVERFLOW = """
const wide = document.documentElement.clientWidth;
const edge = (one) => Math.min(wide, one.closest('.drop, .panel')?.getBoundingClientRect().right ?? wide) + 1;
return [document.documentElement.scrollWidth - wide,
  [...document.querySelectorAll('body *')]
    .filter(one => !one.parentElement.closest('.scroll, svg') && one.getBoundingClientRect().right > edge(one))
    .map(one => one.tagName + '.' + one.className + ' ' + one.textContent.slice(0, 40))];
"""
# What can be pressed, unless it stands in a line of text, and how large it is.
TARGETS = """
return [...document.querySelectorAll('a, button, summary, input:not([type=hidden])')]
  .filter(one => one.offsetParent && !one.closest('p, th, .skip') )
  .map(one => [one.textContent.trim().slice(0, 40), one.getBoundingClientRect().height])
  .filter(([, height]) => height && height < 43.5);
"""


class Page:
    """A window with the password, at one width and in one colour scheme at a time."""

    def __init__(self, driver: webdriver.Chrome, url: str) -> None:
        self.driver, self.url = driver, url
        basic = base64.b64encode(f"earmark:{SECRET}".encode()).decode()
        driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
        driver.execute_cdp_cmd("Network.enable", {})
        driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Authorization": f"Basic {basic}"}})

    def show(self, path: str, width: str = "desk", scheme: str = "light") -> None:
        """Open a page, all of it as high as it needs."""
        wide, high = WIDTHS[width]
        self.size(wide, high)
        media = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
        self.driver.get(f"{self.url}{path}")
        until(lambda: self.driver.execute_script("return document.readyState") == "complete", path, 60, 0.1)

    def size(self, wide: int, high: int) -> None:
        """Make the window so large, in CSS pixels."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": wide, "height": high, "deviceScaleFactor": 1, "mobile": wide < 600},
        )

    def text(self, selector: str) -> str:
        """What a part says now; "" where it is not, or is just exchanged."""
        return self.driver.execute_script(
            "return document.querySelector(arguments[0])?.textContent.replace(/\\s+/g, ' ').trim() || ''", selector
        )

    def screenshot(self, name: str, width: str) -> None:
        """Keep the page down to its search, where EARMARK_SCREENSHOTS names a folder."""
        if not (folder := os.environ.get("EARMARK_SCREENSHOTS")):
            return
        from PIL import Image

        wide, high = WIDTHS[width]
        end = "return Math.ceil(document.getElementById('search').getBoundingClientRect().bottom + scrollY) + 12"
        self.size(wide, self.driver.execute_script(end))
        self.driver.execute_script("for (const one of document.images) one.loading = 'eager'")
        loaded = "return [...document.images].every(one => one.complete && one.naturalWidth)"
        until(lambda: self.driver.execute_script(loaded), "the pictures", 30, 0.1)
        image = Image.open(io.BytesIO(self.driver.get_screenshot_as_png())).convert("RGB")
        self.size(wide, high)
        path = Path(folder) / name
        for colours in (256, 128, 64, 32):
            image.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
            if path.stat().st_size < MOST_BYTES:
                return
        raise AssertionError(f"{path} is larger than {MOST_BYTES} bytes")


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    binary, driver_path = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver_path is None:
        pytest.skip("there is no chromium with chromedriver here (Debian: apt-get install chromium chromium-driver)")
    options = Options()
    options.binary_location = binary
    profile = tmp_path_factory.mktemp("chromium")
    for option in (*OPTIONS, f"--user-data-dir={profile}", *(["--no-sandbox"] if os.getuid() == 0 else [])):
        options.add_argument(option)
    made = webdriver.Chrome(options=options, service=Service(driver_path))
    made.set_page_load_timeout(90)
    yield made
    made.quit()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """What the shipped weights hear in generated videos, drawn as the samples job draws it."""
    from model.annotator import annotate
    from model.overlay import draw_frame
    from model.world.generation import generate
    from training_jobs.samples import frame_at, jpeg, moment, small

    folder = tmp_path_factory.mktemp("world")
    generate(folder, videos=SAMPLES, seed=5, seconds=4.0, workers=1)
    models, found = load_models(SHIPPED), []
    for path in sorted(folder.rglob("*.mp4"))[:SAMPLES]:
        annotation = annotate(path, models, max_seconds=4.0)
        seconds = moment(annotation)
        found.append(jpeg(draw_frame(small(frame_at(path, seconds)), annotation, seconds)))
    return found


@pytest.fixture
def studio() -> Iterator[StandIn]:
    one = StandIn(TOKEN, SECRET)
    yield one
    one.close()


@pytest.fixture
def settings(tmp_path: Path, redis_server, studio: StandIn) -> Settings:
    key = ProjectKey.of_row(studio.url, {"id": 1, "created_at": CREATED})
    return Settings(
        home=tmp_path / "home", redis_url=redis_server.url, label_studio_url=studio.url, label_studio_token=TOKEN,
        secret=SECRET, projects=(str(key),),
    )  # fmt: skip


@pytest.fixture
def page(settings: Settings, redis: Redis, driver: webdriver.Chrome) -> Iterator[Page]:
    """The page of a lived-in project, served as the backend serves it."""
    furnish(settings, redis, settings.projects[0], SHIPPED)
    app = create_app(settings)
    stop = threading.Event()

    def work() -> None:
        beat(redis, "interactive,annotate", "train,annotate")
        while not stop.wait(5):
            beat(redis, "interactive,annotate", "train,annotate")

    working = threading.Thread(target=work)
    working.start()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield Page(driver, f"http://127.0.0.1:{server.server_port}")
    driver.get("about:blank")
    stop.set()
    working.join()
    server.shutdown()
    server.server_close()
    serving.join()
    poll(app).redis.close()


@contextmanager
def obeying(redis: Redis, key: str, status: Status) -> Iterator[None]:
    """A training's process that holds its lease and stops when somebody wants it to."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(0.1):
            if (by := cancelling.cancelled_by(redis, key, status.training)) is not None:
                trainings.end(redis, key, f"Cancelled by {by}.", succeeded=False, cancelled_by=by)
                return

    with Lease(redis, status.job):
        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def test_it_fits_every_screen_and_scheme(page: Page, settings: Settings, redis: Redis, pictures: list[bytes]) -> None:
    key = settings.projects[0]
    put_samples(settings, key, page_version(settings), pictures)
    page.show("/projects/1/")  # begins to look at the health
    until(lambda: "Label Studio reaches the backend" in page.text("#health"), "the health", 60)
    for width in WIDTHS:
        for scheme in SCHEMES:
            page.show("/projects/1/", width, scheme)
            sideways, sticking_out = page.driver.execute_script(OVERFLOW)
            assert sideways <= 0, sticking_out
            assert not sticking_out
            assert not page.driver.execute_script(TARGETS)
            ground = page.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
            assert (sum(int(part) for part in ground[4:-1].split(",")) < 384) == (scheme == "dark")
            page.screenshot(f"page-{width}-{scheme}.png", width)
        page.show("/", width)
        sideways, sticking_out = page.driver.execute_script(OVERFLOW)
        assert sideways <= 0, sticking_out


def test_progress_shows_without_loading_the_page(page: Page, settings: Settings, redis: Redis) -> None:
    key = settings.projects[0]
    page.show("/projects/1/")
    assert "41 %" in page.text(".steps .now")
    page.driver.execute_script("window.same = true; document.getElementById('all-versions').open = true")
    trainings.write(redis, key, {"step": "evaluate", "done": 3, "total": 4, "detail": "three of four"})
    until(lambda: "three of four" in page.text(".steps .now"), "the next step", 30, 0.2)
    assert page.driver.execute_script("return window.same")
    assert page.driver.execute_script("return document.getElementById('all-versions').open")
    assert not [line for line in page.driver.get_log("browser") if line["level"] == "SEVERE"]


def test_cancel_is_reached_by_keyboard_and_cancels(page: Page, settings: Settings, redis: Redis) -> None:
    key = settings.projects[0]
    status = trainings.read(redis, key)
    assert status is not None
    page.show("/projects/1/", "phone")
    with obeying(redis, key, status):
        for _ in range(40):
            ActionChains(page.driver).send_keys(Keys.TAB).perform()
            if page.driver.execute_script("return document.activeElement.id") == "cancel":
                break
        outline = page.driver.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
        assert page.driver.execute_script("return document.activeElement.id") == "cancel"
        assert outline != "none"
        ActionChains(page.driver).send_keys(Keys.ENTER).perform()
        until(lambda: "cancelled" in page.text("#training-head"), "the end of the training", 30, 0.2)
    ended = trainings.read(redis, key)
    assert ended is not None
    assert ended.cancelled_by == "the page"
    assert "Cancelled by the page." in page.text("#training-now")
    assert page.text("#training-actions") == "Start a training"


def test_failed_tasks_are_tried_again_at_a_press(page: Page, settings: Settings, redis: Redis) -> None:
    states = TaskStates(redis, settings.projects[0])
    assert states.failures()
    page.show("/projects/1/", "phone")
    page.driver.find_element(By.ID, "retry").click()
    until(lambda: "will be tried again" in page.text("#history"), "what came of it", 30, 0.2)
    assert page.text("#retry") == ""
    assert states.failures() == {}


def test_a_file_is_searched_by(page: Page, settings: Settings, redis: Redis, tmp_path: Path) -> None:
    from PIL import Image

    picture = tmp_path / "horn.png"
    Image.new("RGB", (64, 64), (200, 120, 40)).save(picture)
    page.show("/projects/1/", "phone")
    page.driver.find_element(By.ID, "file").send_keys(str(picture))
    page.driver.find_element(By.CSS_SELECTOR, "#search button").click()
    until(lambda: "Searching" in page.text("#found"), "the search's page", 30, 0.2)
    finish_search(settings, redis)
    until(lambda: "Looks like the picture" in page.text("#found"), "its hits", 30, 0.2)
    sideways, sticking_out = page.driver.execute_script(OVERFLOW)
    assert sideways <= 0, sticking_out


def finish_search(settings: Settings, redis: Redis) -> None:
    """What a worker does to the search that waits."""
    from backend import lookups
    from backend.lookups import Group, Hit

    key = settings.projects[0]
    [name] = [file.rpartition("/")[2] for file in settings.open_storage().names(f"lookups/{key}")]
    asked = lookups.read(redis, key, name)
    assert asked is not None
    hits = [Hit(task, 1.5 * task, 0.9 - task / 50, task == 1) for task in range(1, 6)]
    groups = [Group("Looks like the picture", hits), Group("Sounds like what the picture shows", hits[1:])]
    done = replace(asked, state=lookups.DONE, groups=groups, version=page_version(settings))
    lookups.end(redis, settings.open_storage(), key, done)


def page_version(settings: Settings) -> str:
    """The version that predicts."""
    from backend.versions import VersionStore

    return VersionStore(settings).current(settings.projects[0])
