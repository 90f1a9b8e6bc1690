"""The plot: which figures are compared, and that the drawing says what they are."""

from backend.page.plot import correspondence, draw_plots
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


def test_figures_are_those_on_the_projects_own_videos() -> None:
    assert correspondence(ROWS) == {
        "earmark-a": 0.81,
        "earmark-b": 0.85,
        "earmark-c": 0.70,
        "earmark-d": 0.90,
    }


def test_higher_is_drawn_higher_and_the_line_passes_by_what_was_refused() -> None:
    for plot in draw_plots(ROWS, ()):
        heights = [point.y for point in plot.avc]
        assert sorted(heights, reverse=True) == [heights[2], heights[0], heights[1], heights[3]]
        assert f"{plot.avc[2].x},{plot.avc[2].y}" not in plot.line
        assert all(0 < point.x < plot.width and 0 < point.y < plot.height for point in plot.avc)
        assert "d 0.900" in plot.summary
        assert [tick.text for tick in plot.ticks][-1] == "1.0"


def test_acceptance_has_its_place_on_the_same_scale() -> None:
    [wide, _] = draw_plots(ROWS, [Acceptance("earmark-b", 20, 5, 0.25, 0.1, 0.5, None)])
    [point] = wide.accepted
    assert point.x == wide.avc[1].x
    assert point.words == "b: 5 of 20 as predicted"
    assert min(tick.y for tick in wide.ticks) <= point.y <= max(tick.y for tick in wide.ticks)
    assert wide.chance is not None


def test_one_version_is_no_plot() -> None:
    assert draw_plots(ROWS[:1], ()) == []
