"""The plot: that a version is compared with its parent alone, and that the drawing says so."""

from backend.page.plot import draw_plots
from backend.summary import Acceptance
from backend.versions import VersionState


def state(name: str, parent: str | None = None, kind: str = "retired", **metrics: float) -> VersionState:
    return VersionState(f"earmark-{name}", kind == "current", parent and f"earmark-{parent}", 0.0, metrics, kind, "")


ROWS = [
    state("a", avc=0.934),  # as shipped: measured on other videos
    state("b", "a", avc=0.85, avc_of_parent=0.81),
    state("c", "b", "refused", avc=0.70, avc_of_parent=0.86),
    state("d", "b", "current", avc=0.90, avc_of_parent=0.86),
]


def test_each_version_is_drawn_beside_its_parent_on_the_same_videos() -> None:
    for plot in draw_plots(ROWS, ()):
        assert [(point.value, point.parent_value) for point in plot.avc] == [(0.85, 0.81), (0.70, 0.86), (0.90, 0.86)]
        assert [point.y < point.parent_y for point in plot.avc] == [True, False, True]  # higher is drawn higher
        assert all(0 < point.x < plot.width and 0 < point.y < plot.height for point in plot.avc)
        assert "d 0.900, its parent 0.860" in plot.summary
        assert [tick.text for tick in plot.ticks][-1] == "1.0"


def test_acceptance_has_its_place_on_the_same_scale() -> None:
    [wide, _] = draw_plots(ROWS, [Acceptance("earmark-b", 20, 5, 0.25, 0.1, 0.5, None)])
    [point] = wide.accepted
    assert point.x == wide.avc[0].x
    assert point.words == "b: 5 of 20 as predicted"
    assert min(tick.y for tick in wide.ticks) <= point.y <= max(tick.y for tick in wide.ticks)
    assert wide.chance is not None


def test_what_was_never_compared_is_no_plot() -> None:
    assert draw_plots(ROWS[:1], ()) == []
