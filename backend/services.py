"""Services: what every route of the web application works with."""

from dataclasses import dataclass

from flask import current_app
from redis import Redis

from backend.connection import Connection
from backend.polling import Poll
from backend.predicting import Predictor
from backend.versions import VersionStore
from backend.webhooks import Webhooks

EXTENSION = "earmark"  # under which the application keeps them


@dataclass(frozen=True)
class Services:
    """One application's, shared by its threads."""

    redis: Redis
    connection: Connection
    versions: VersionStore
    poll: Poll
    predictor: Predictor
    webhooks: Webhooks


def services() -> Services:
    """Those of the application that answers the current request."""
    return current_app.extensions[EXTENSION]
