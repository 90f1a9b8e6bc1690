"""Loading: the entries of a dataset one after the other, a few decoded ahead of the one in use."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from model.datasets.dataset import Choose, Dataset, Excerpt
from model.motion import Takes
from model.video import MediaError

DECODERS = 2  # entries decoded at once, in threads: the decoder lets go of the interpreter


def excerpts(
    dataset: Dataset, size: int, takes: Takes = "frame", choose: Callable[[int], Choose | None] = lambda _number: None
) -> Iterator[Excerpt | MediaError]:
    """Each entry of a dataset in its order, or why it cannot be used.

    Args:
        dataset: which.
        size: pixels a side of the frames.
        takes: what a network is shown of a moment.
        choose: for each entry, by its number, what chooses its samples; see `Dataset.load`.
    """

    def load(number: int) -> Excerpt | MediaError:
        try:
            return dataset.load(number, size, takes, choose(number))
        except MediaError as error:
            return error

    with ThreadPoolExecutor(DECODERS) as pool:
        ahead: deque[Future[Excerpt | MediaError]] = deque()
        for number in range(len(dataset)):
            ahead.append(pool.submit(load, number))
            if len(ahead) > 2 * DECODERS:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
