"""Versions left behind where a home's storage has moved: told, and carried along by a copy of the folder."""

import shutil
from pathlib import Path

from backend.health import left_in_home
from backend.left_behind import left_behind
from backend.settings import Settings
from backend.versions import VersionStore

KEY = "0123abcd-1-1767323045"


def weights(folder: Path, content: str) -> Path:
    folder.mkdir()
    for name in ("avol.safetensors", "ave.safetensors"):
        (folder / name).write_text(content)
    (folder / "card.json").write_text("{}")
    return folder


def test_a_moved_home_tells_what_it_left_until_it_is_copied(tmp_path: Path) -> None:
    before = Settings(home=tmp_path / "home")
    home = VersionStore(before)
    base = weights(tmp_path / "base", "base")
    home.seed(base)
    made = home.add(weights(tmp_path / "made", "made"))
    home.promote(KEY, made)
    assert left_behind(before) is None
    after = before.model_copy(update={"storage": str(tmp_path / "shared")})
    shared = VersionStore(after)
    assert shared.states(KEY) == []  # before the first `earmark serve`
    shared.seed(base)
    said = left_behind(after)
    assert said is not None and "holds 1 model version that" in said and made in said
    [check] = left_in_home(after)
    assert check.ok is False and f"copy {before.home}/versions to {tmp_path / 'shared'}/versions" in check.todo
    shutil.copytree(before.home / "versions", tmp_path / "shared" / "versions", dirs_exist_ok=True)
    assert left_behind(after) is None
    assert left_in_home(after) == []
    assert shared.current(KEY) == made
    assert [one.action for one in shared.log(KEY)] == ["promote"]
