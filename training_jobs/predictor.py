"""The model as label-studio-ml knows it: predicts tasks, learns from unlabelled ones."""

import logging
import multiprocessing
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

_start_method = multiprocessing.get_start_method(allow_none=True)
from label_studio_ml.model import LabelStudioMLBase  # noqa: E402

# Importing it sets the whole process to spawn; how a process starts others is its own decision.
multiprocessing.set_start_method(_start_method, force=True)

from backend.media import FetchError  # noqa: E402
from backend.sources import file_name  # noqa: E402
from label_config import ConfigError, InvalidResultError, LabelConfig, Similar, read_config  # noqa: E402
from model.checkpoints import SHIPPED  # noqa: E402
from model.video import MediaError  # noqa: E402
from training_jobs.annotation import Label, Labels, Prediction, compose  # noqa: E402

if TYPE_CHECKING:
    from model.annotator import Annotation, ImageAnnotation
    from model.checkpoints import Models
    from model.pairs import PairSource

log = logging.getLogger(__name__)

# What is wrong with one task and its file: told to people, and no reason to stop the others.
TASK_ERRORS = (ConfigError, FetchError, InvalidResultError, MediaError)


class SoundingObjects(LabelStudioMLBase):
    """AVOL-Net and AVE-Net behind label-studio-ml's interface (1.0.9, and the signatures of 2.x).

    The worker uses it directly; label-studio-ml's own server can serve it too.
    """

    def __init__(
        self,
        label_config: str | None = None,
        train_output: Mapping[str, Any] | None = None,
        *,
        weights: Path | str | None = None,
        fetch: Callable[[str], Path] | None = None,
        device: str = "cpu",
        **kwargs: Any,
    ) -> None:
        """Name what to work with; weights are loaded at the first use.

        Args:
            label_config: the project's XML.
            train_output: what `fit` returned before; its version is used unless `weights` says otherwise.
            weights: folder of a model version; by default the shipped one.
            fetch: from a task's URL to a local file; by default the guarded fetcher of the settings.
            device: where the networks run.
            kwargs: what label-studio-ml passes on (`hostname`, `access_token`, `project_id`, ...).

        Raises:
            ConfigError: no prediction can be shown under the labelling config.
        """
        # Read by our parser first: label-studio-ml's would expand a hostile config's entities.
        self.config: LabelConfig | None = read_config(label_config) if label_config else None
        super().__init__(label_config=label_config, train_output=train_output, **kwargs)
        self.weights = Path(weights or (train_output or {}).get("weights") or SHIPPED)
        self.device = device
        self._fetch = fetch
        self._models: Models | None = None

    @property
    def models(self) -> "Models":
        """The networks, loaded once. Raises CheckpointError."""
        if self._models is None:
            from model.checkpoints import load_models

            self._models = load_models(self.weights, self.device)
        return self._models

    def annotate(self, task: Mapping[str, Any]) -> "Annotation | ImageAnnotation":
        """What the networks find in a task's file, which the labelling config names: a video (which may be asked
        about a query sound), a picture with its sound, or a sound alone.

        Raises:
            ConfigError, FetchError, MediaError: why this task has no prediction, one sentence.
        """
        from model.annotator import annotate, annotate_image
        from model.video import MediaError

        config, data = self._config(), task["data"]
        path, sound = self.fetched(config.media_url(data)), config.sound_url(data)
        second = None if sound is None else self.fetched(sound)
        try:
            if config.medium.kind == "image" and second is not None:
                return annotate_image(path, second, self.models)
            return annotate(path, self.models, query=second)
        except MediaError as error:
            # The fetched copies have names of their own: the annotator knows the task's.
            message = str(error).replace(path.name, file_name(config.media_url(data)), 1)
            if sound is not None and second is not None:
                message = message.replace(second.name, file_name(sound), 1)
            raise MediaError(message) from error

    def compose(
        self,
        annotation: "Annotation | ImageAnnotation",
        task: Mapping[str, Any],
        suggestion: Label | None = None,
        *,
        labels: Sequence[Labels] | None = None,
        similar: Sequence[Similar] = (),
    ) -> Prediction:
        """An annotation as the task's labelling config shows it; `labels` and `similar` as `annotation.compose` takes
        them. Raises InvalidResultError.
        """
        return compose(
            annotation,
            self._config(),
            model_version=self.models.version,
            task_data=task["data"],
            labels=labels,
            suggestion=suggestion,
            similar=similar,
        )

    def predict(
        self,
        tasks: Sequence[Mapping[str, Any]],
        context: Mapping[str, Any] | None = None,  # noqa: ARG002 (2.x passes it)
        **kwargs: Any,  # noqa: ARG002 (1.0.9 passes login and password)
    ) -> list[dict[str, Any]]:
        """One prediction a task, in Label Studio's format.

        A task that cannot be predicted gets an object without `result`, which Label Studio passes over, with the
        reason under `error`: the others keep theirs.
        """
        found: list[dict[str, Any]] = []
        for task in tasks:
            try:
                found.append(self.compose(self.annotate(task), task).row)
            except TASK_ERRORS as error:
                found.append({"model_version": self.models.version, "error": str(error)})
        return found

    def fit(
        self,
        event_or_annotations: str | Iterable[Mapping[str, Any]] = (),
        data: str | Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Train both networks on the videos of tasks, labels unseen, from this version's weights.

        1.0.9 calls `fit(tasks, workdir, ...)`, 2.x `fit(event, data, ...)` with the tasks in `data`.

        Args:
            event_or_annotations: tasks, or the name of the event that asked for a training.
            data: the event's body, or the folder to write the new version into.
            kwargs: `workdir` (that folder); `clips` (folder of the clip cache, by default within `workdir`) or
                `source` (clips already cached, instead of tasks); `minutes`, `steps`, `rehearsal`, `snapshots`,
                `device` and `on_progress` as `training_jobs.learning.learn` takes them.

        Returns:
            The new version's card, with its folder under `weights`.

        Raises:
            ValueError: no folder is named.
            TrainingError: too few videos to learn from.
        """
        from training_jobs.learning import learn

        workdir = data if isinstance(data, str) else kwargs.get("workdir")
        if not workdir:
            raise ValueError("fit needs a folder to write the new version into: pass workdir.")
        source = kwargs.get("source")
        if source is None:
            body = data if isinstance(data, Mapping) else {}
            tasks = body.get("tasks", ()) if isinstance(event_or_annotations, str) else event_or_annotations
            source = self._clips(tasks, Path(kwargs.get("clips") or Path(workdir) / "clips"))
        named = ("minutes", "steps", "rehearsal", "snapshots", "device", "on_progress")
        wanted = {name: kwargs[name] for name in named if name in kwargs}
        return {**learn(self.models, source, Path(workdir), **wanted), "weights": str(workdir)}

    def _clips(self, tasks: Iterable[Any], folder: Path) -> "PairSource":
        """The tasks' clips, decoded; one that cannot be used is named in the log and left out."""
        from model.clips import ClipCache
        from model.pairs import PairSource
        from model.training import TrainingError

        cache, keys = ClipCache(folder), []
        for task in tasks:
            try:
                keys.append(cache.add(self.fetched(self._config().media_url(task["data"]))))
            except (*TASK_ERRORS, OSError) as error:
                log.warning("task %s is not learnt from: %s", task.get("id"), error)
        if not keys:
            raise TrainingError("none of the tasks has a video that can be learnt from.")
        return PairSource(list(dict.fromkeys(keys)), cache.load)

    def _config(self) -> LabelConfig:
        if self.config is None:
            raise ConfigError("no labelling config was given: Label Studio sends it in /setup.")
        return self.config

    def fetched(self, url: str) -> Path:
        """The local copy of a task's file. Raises FetchError."""
        if self._fetch is None:
            from backend import settings
            from backend.media import Fetcher

            self._fetch = Fetcher(settings.load()).fetch
        return self._fetch(url)
