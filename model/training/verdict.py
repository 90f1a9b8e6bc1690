"""The verdict on a training: whether the held-out videos confirm that correspondence was learnt."""

import math

import torch

from model import calibration


def verdict(
    positives: torch.Tensor, negatives: torch.Tensor, judged: int, learnt_from: int, aligned: bool
) -> tuple[bool, str]:
    """Whether the held-out videos confirm that correspondence was learnt, and what would help where not."""
    area = calibration.area(positives, negatives)
    # Hanley & McNeil's standard error at an area of .5; pairs of one video count as one.
    error = math.sqrt((2 * judged + 1) / (12 * judged * judged))
    found = f"it tells a held-out video's own sound from another's in {area:.2f} of cases (.50 is chance)"
    if not aligned and area < 0.5 - 1.64 * error:
        return False, (
            f"The network came out the wrong way round: {found}. Do not use it; another --seed, or starting from other "
            "weights, may help."
        )
    if area > 0.5 + 1.64 * error:
        return True, f"Learnt: {found}, {judged} videos held out."
    return False, (
        f"Nothing was learnt that held-out videos confirm: {found}, and with {judged} of them chance alone reaches "
        f"{min(1.0, 0.5 + 1.64 * error):.2f}; {learnt_from} were learnt from. What helps, in this order: more "
        "different videos (several hundred), objects in view while they sound, --start from trained weights, more "
        "--minutes."
    )
