"""A real S3 server on this machine, for the tests of what is kept in an object store."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from backend import object_store


@contextmanager
def s3_server(patch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve S3 on a free port and make every library of this process find it; yields the address of a bucket."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    for name, value in (
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ALLOW_HTTP", "true"),  # LanceDB speaks https otherwise
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "a secret key"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ):
        patch.setenv(name, value)
    patch.setattr(object_store, "READ_SECONDS", 60.0)  # a busy machine is no silent store
    patch.setattr(object_store, "_drivers", {})
    try:
        import requests

        requests.post(f"{endpoint}/moto-api/reset", timeout=10).raise_for_status()
        requests.put(f"{endpoint}/earmark", timeout=10, data=_REGION).raise_for_status()
        yield "s3://earmark/a/prefix"
    finally:
        server.stop()


_REGION = (
    '<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>"
)
