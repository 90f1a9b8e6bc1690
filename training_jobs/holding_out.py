"""Which clips are held out from learning, so that a candidate and the current version are asked what neither knows."""

import hashlib
import math
from collections.abc import Sequence

SHARE = 0.2  # of many clips, by the hash of each: one once held out is never trained on while it is
# With fewer clips a larger share is: to tell that what was learnt is no worse takes two dozen, and the last few that
# could be learnt from teach less than they tell.
ENOUGH = 24
MOST_SHARE = 0.4
LEAST = 4  # clips: a negative pair needs two, and two alone make only one
# At least so many, where that share of the clips allows it: the hashes of a few may all be high.
FEW = 8


def hold_out(keys: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split clips into those to learn from and those held out.

    By a hash of each clip's own key: as others come, one that was learnt from is not held out later. Where chance
    leaves fewer than FEW, the lowest hashes are held out, as far as enough are left to learn from.

    Returns:
        (learn, held out), each in the order given.
    """
    place = {key: int(hashlib.sha256(f"hold out {key}".encode()).hexdigest()[:12], 16) / 16**12 for key in keys}
    share = max(SHARE, min(MOST_SHARE, ENOUGH / max(1, len(place))))
    most = max(LEAST, int(MOST_SHARE * len(place)))
    below = sum(hashed < share for hashed in place.values())
    held = set(sorted(place, key=lambda key: place[key])[: min(most, max(FEW, below))])
    return [key for key in place if key not in held], [key for key in place if key in held]


def clips_for(held_out: int) -> int:
    """Of how many clips in all about so many are held out."""
    share = SHARE if held_out > ENOUGH else MOST_SHARE
    return math.ceil(held_out / share)
