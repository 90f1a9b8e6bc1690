"""Why a training failed."""


class TrainingError(ValueError):
    """Training that cannot be started or gave no usable network, in one sentence."""
