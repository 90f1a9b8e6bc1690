"""What is trained where nobody says otherwise."""

from model.networks import NetworkConfig
from model.training.recipe import MANY_VIDEOS, recipe


def test_a_cpu_trains_the_small_network_and_a_gpu_the_papers_where_there_is_enough_to_learn() -> None:
    assert recipe("contrastive", 100_000, "cpu")[0] == NetworkConfig()
    assert recipe("contrastive", MANY_VIDEOS - 1, "cuda:0")[0] == NetworkConfig()
    assert recipe("contrastive", MANY_VIDEOS, "cuda:0")[0] == NetworkConfig.paper()


def test_the_papers_objective_comes_with_its_misalignment() -> None:
    assert recipe("avc", 100, "cpu")[1].misalignment == 1.0
