import re
from pathlib import Path

from backend.connecting import HEADER, USER
from earmark import sample_project
from tests.end_to_end.running_demo import Demo, alive

PROCESSES = {"demo", "redis", "backend", "worker-1", "worker-2", "label-studio"}


def test_every_sample_carries_one_prediction_of_the_current_version(demo: Demo) -> None:
    tasks = list(demo.label_studio.tasks(demo.project))
    assert len(tasks) == sample_project.VIDEOS
    predictions = [demo.prediction(task["id"]) for task in tasks]
    versions = {one["model_version"] for one in predictions if one}
    assert None not in predictions
    assert len(versions) == 1 and re.fullmatch(r"earmark-[0-9a-f]{12}", versions.pop())
    with_boxes = [one for one in predictions if one and any(item["type"] == "videorectangle" for item in one["result"])]
    # All samples have something that sounds; the shipped weights find it in nearly all. Half leaves room for bad luck.
    assert len(with_boxes) >= sample_project.VIDEOS / 2


def test_samples_nobody_labelled_are_offered_a_class_that_somebody_gave(demo: Demo) -> None:
    tasks = list(demo.label_studio.tasks(demo.project))
    given = {
        item["value"]["choices"][0]
        for task in tasks
        for annotation in task["annotations"]
        for item in annotation["result"]
        if item["type"] == "choices"
    }
    assert len(given) == sample_project.LABELLED
    offers = []
    for task in tasks:
        prediction = demo.prediction(task["id"])
        assert prediction is not None
        if not task["annotations"]:
            offers += [item for item in prediction["result"] if item["type"] == "choices"]
    # A clip like no labelled one is offered nothing; of eight samples some are of a labelled class.
    assert offers
    assert all(set(item["value"]["choices"]) <= given and 0 <= item["score"] <= 1 for item in offers)


def test_label_studio_has_the_backend_with_a_password_and_one_webhook_with_the_secret(demo: Demo) -> None:
    secret = demo.settings.secret
    assert secret is not None
    [backend] = demo.label_studio.backends(demo.project)
    assert (backend["state"], backend["url"]) == ("CO", f"{demo.backend}/projects/{demo.project}")
    assert (backend["auth_method"], backend["basic_auth_user"]) == ("BASIC_AUTH", USER)
    [webhook] = demo.label_studio.webhooks(demo.project)
    assert webhook["headers"] == {HEADER: secret.get_secret_value()}


def test_every_process_is_listed_and_runs(demo: Demo) -> None:
    assert set(demo.pids) == PROCESSES
    assert all(alive(pid) for pid in demo.pids.values())


def test_servers_listen_on_loopback_only(demo: Demo) -> None:
    for port in (demo.keepsake["port"], demo.keepsake["label_studio_port"]):
        assert _listening(port) == {"0100007F"}  # 127.0.0.1, its bytes reversed, as the kernel writes it


def _listening(port: int) -> set[str]:
    """Addresses a port is listened on, of both families."""
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().split("\n")[1:]]
    local = [line[1].split(":") for line in lines if len(line) > 3 and line[3] == "0A"]
    return {address for address, number in local if int(number, 16) == port}


def test_a_second_demo_on_the_same_data_says_that_one_runs(demo: Demo) -> None:
    second = demo.earmark("demo", "--once", "--port", "0", "--label-studio-port", "0")
    assert second.returncode == 1
    assert f"a demo runs already on {demo.home} (process {demo.pids['demo']})" in second.stderr
    assert "Traceback" not in second.stderr


def test_secrets_are_readable_by_the_user_alone(demo: Demo) -> None:
    for name in ("settings.json", "demo.json"):
        assert (demo.home / name).stat().st_mode & 0o077 == 0, name


def test_secrets_stand_in_no_log(demo: Demo) -> None:
    settings = demo.settings
    assert settings.secret is not None
    secrets = [demo.keepsake["token"], demo.keepsake["password"], settings.secret.get_secret_value()]
    for log in (demo.home / "logs").iterdir():
        text = log.read_text(errors="replace")
        assert not [one for one in secrets if one in text], log.name
