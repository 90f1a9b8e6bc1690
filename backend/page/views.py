"""Views: what each page shows, read from Redis and the storage; Label Studio is asked by the health checks alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import abort, request
from redis import Redis
from redis.exceptions import RedisError

from backend import history, lookups, samples, summary, trainings, workers
from backend.history import Entry
from backend.jobs import INTERACTIVE
from backend.lookups import Lookup
from backend.page.plot import Plot, draw_plots
from backend.page.watch import Watched, watched
from backend.projects import ProjectKey
from backend.samples import Sample
from backend.services import Services
from backend.settings import Settings
from backend.summary import Summary
from backend.tasks import TaskStates
from backend.trainings import STEPS, Status
from backend.versions import VersionState

REASONS = 50  # failed tasks listed one by one
HISTORY = 12
PAST = 6


@dataclass(frozen=True)
class Step:
    """One step of a training."""

    name: str
    state: str
    """done, now or ahead."""


@dataclass(frozen=True)
class TrainingView:
    """A project's training: running, waiting, the last one, or none."""

    status: Status | None
    running: bool
    waiting: str | None
    """Why one waits for a worker; None where none does."""
    behind: bool
    """Whether that is another than the running one."""
    steps: Sequence[Step]
    past: Sequence[Status]

    @property
    def active(self) -> bool:
        """Whether there is something to cancel."""
        return self.running or self.waiting is not None

    @property
    def share(self) -> float | None:
        """Of the step, 0..1; None while unknown."""
        status = self.status
        return min(1.0, status.done / status.total) if status is not None and status.total else None


@dataclass(frozen=True)
class ProjectCard:
    """A project among others."""

    number: int
    title: str
    link: str
    version: str
    tasks: Mapping[str, int]
    summary: Summary | None
    training: TrainingView


@dataclass(frozen=True)
class ProjectView(ProjectCard):
    """Everything of one project."""

    others: Sequence[ProjectCard]
    versions: Sequence[VersionState]
    """The newest first."""
    plots: Sequence[Plot]
    """The same figures for a wide and for a narrow screen."""
    failures: Sequence[tuple[int, str]]
    """Task and reason; the first REASONS of them."""
    empty: Sequence[tuple[int, str]]
    notes: Sequence[str]
    samples: Sequence[Sample] | None
    history: Sequence[Entry]
    health: Watched

    @property
    def current(self) -> VersionState | None:
        """The version that predicts."""
        return next((row for row in self.versions if row.current), None)


@dataclass(frozen=True)
class IndexView:
    """All projects."""

    projects: Sequence[ProjectCard]
    health: Watched
    label_studio: str


@dataclass(frozen=True)
class LookupView:
    """One search."""

    number: int
    title: str
    link: str
    lookup: Lookup
    idle: bool
    """Whether nobody is there to do it."""


def keys_of(settings: Settings) -> list[ProjectKey]:
    """The connected projects, each number once: of two with the same number the later is there."""
    keys = [ProjectKey.parse(key, settings.label_studio_url or "") for key in settings.projects]
    return list({key.id: key for key in keys}.values())


def key_of(settings: Settings, number: int) -> str:
    """The key of the connected project of this number. Aborts with 404."""
    found = [key for key in keys_of(settings) if key.id == number]
    if not found:
        abort(404, f"Project {number} is not connected: run `earmark connect --project {number}`.")
    return str(found[0])


def index_view(settings: Settings, services: Services) -> IndexView:
    """What the page of all projects shows; without Redis the health alone."""
    health = watched(settings, services.redis)
    try:
        cards = [_card(settings, services, key) for key in keys_of(settings)]
    except RedisError:
        cards = []
    return IndexView(cards, health, _studio(settings))


def project_view(settings: Settings, services: Services, number: int) -> ProjectView:
    """What a project's page shows. Aborts with 404."""
    redis, key = services.redis, key_of(settings, number)
    chosen = next(one for one in keys_of(settings) if one.id == number)
    card = _card(settings, services, chosen)
    rows = services.versions.states(key)
    states = TaskStates(redis, key)
    return ProjectView(
        **vars(card),
        others=[_card(settings, services, one) for one in keys_of(settings) if one.id != number],
        versions=rows[::-1],
        plots=draw_plots(rows, card.summary.acceptance if card.summary else ()),
        failures=sorted(states.failures().items())[:REASONS],
        empty=sorted(states.empty().items())[:REASONS],
        notes=states.notes(),
        samples=samples.read(settings.open_storage(), key, card.version),
        history=history.read(redis, key, HISTORY),
        health=watched(settings, redis),
    )


def lookup_view(settings: Settings, services: Services, number: int, name: str) -> LookupView | None:
    """What a search's page shows; None for one that is unknown. Aborts with 404 for a project that is."""
    key = key_of(settings, number)
    found = lookups.read(services.redis, key, name)
    if found is None:
        return None
    taking = any(INTERACTIVE in worker.queues for worker in workers.alive(services.redis))
    return LookupView(number, _title(services.redis, key, number), _link(settings, number), found, not taking)


def _card(settings: Settings, services: Services, key: ProjectKey) -> ProjectCard:
    redis, name = services.redis, str(key)
    seen = summary.read(redis, name)
    return ProjectCard(
        number=key.id,
        title=seen.title if seen and seen.title else f"Project {key.id}",
        link=_link(settings, key.id),
        version=services.versions.current(name),
        tasks=TaskStates(redis, name).counts(),
        summary=seen,
        training=_training(redis, name),
    )


def _training(redis: Redis, key: str) -> TrainingView:
    status, waiting = trainings.read(redis, key), trainings.queued(redis, key)
    running = status is not None and not status.outcome
    reached = STEPS.index(status.step) if status is not None and status.step in STEPS else 0
    steps = [
        Step(name, "done" if place < reached else "now" if place == reached else "ahead")
        for place, name in enumerate(STEPS)
    ]
    return TrainingView(
        status, running, waiting, trainings.waits_behind(redis, key), steps, trainings.past(redis, key, PAST)
    )


def _title(redis: Redis, key: str, number: int) -> str:
    seen = summary.read(redis, key)
    return seen.title if seen and seen.title else f"Project {number}"


def _link(settings: Settings, number: int) -> str:
    """The project's tasks in Label Studio; `?task=` opens one of them."""
    return f"{_studio(settings)}/projects/{number:d}/data"


def _studio(settings: Settings) -> str:
    """The connected Label Studio under the name by which this browser most likely reaches it.

    Workers may know it by a name that means nothing outside their network; an alias on the host that the browser
    asked is then the better one.
    """
    known = [settings.label_studio_url or "", *settings.label_studio_aliases]
    asked = urlsplit(f"//{request.host}").hostname
    same = [address for address in known if urlsplit(address).hostname == asked]
    return (same or known)[0]
