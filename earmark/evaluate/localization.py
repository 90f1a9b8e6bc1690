"""`earmark evaluate localization`: how well AVOL-Net finds what sounds, beside what it has to beat."""

from earmark.evaluate.options import Data, Json, Models, Seed, measuring, only, weights_of
from earmark.evaluate.report import show


def localization(data: Data, model: Models = None, seed: Seed = 0, json: Json = False) -> None:
    """Peaks, maps, boxes and correspondence of AVOL-Net on data with boxes, with baselines and 95 % intervals.

    Takes what `earmark world` writes or any folder of videos with a truth.json like it; or the media of a published
    dataset with its labels: VGG-SS (vggss.json), Flickr-SoundNet (Annotations/*.xml), AudioSet-Instruments
    (audioset_box.json). What cannot be used is named on stderr and left out; the exit code is 1 if nothing could be
    measured.
    """
    from model.checkpoints import CheckpointError, load
    from model.datasets import open_dataset
    from model.evaluation import evaluate_localization
    from model.networks import AVOLNet

    weights = weights_of(only(model))
    with measuring() as run:
        network = load(weights)
        if not isinstance(network, AVOLNet):
            raise CheckpointError(f"{weights}: localization needs AVOL-Net; this is {type(network).__name__}.")
        dataset = open_dataset(data, needs="boxes")
        evaluation = evaluate_localization(dataset, network, seed=seed, on_progress=run.show, on_skipped=run.leave_out)
    show(evaluation, weights, data, json=json)
