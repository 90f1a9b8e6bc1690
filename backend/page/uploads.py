"""Uploads: a dropped file, bounded in size, time and type, and told by its first bytes alone."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

MAX_BYTES = 32 << 20
FORM_BYTES = 16 << 10  # beside the file
SECONDS = 120.0  # an upload may take in all
SILENCE = 15.0  # seconds without a byte
PARTS = 4
NAME_CHARACTERS = 120


class UploadError(ValueError):
    """A file that is not taken; the message is one sentence, `status` the HTTP status."""

    def __init__(self, message: str, status: int = 400) -> None:
        """`message`: one sentence."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Upload:
    """A file that was taken."""

    name: str
    """What its sender calls it; shown and never opened."""
    kind: str
    """image, audio or video."""
    data: bytes


def receive() -> Upload:
    """The file of the current request's form, field "file". Raises UploadError."""
    request.max_content_length = MAX_BYTES + FORM_BYTES
    request.max_form_parts = PARTS
    too_large = UploadError(f"The file is larger than {MAX_BYTES >> 20} MB: take a shorter piece of it.", 413)
    if request.content_length is None:
        raise UploadError("The upload does not say how long it is.", 411)
    if request.content_length > MAX_BYTES + FORM_BYTES:
        raise too_large
    hurried = _Hurried(request.environ["wsgi.input"], request.environ.get("gunicorn.socket"))
    request.environ["wsgi.input"] = hurried
    try:
        file = request.files.get("file")
        data = file.read(MAX_BYTES + 1) if file is not None else b""
    except RequestEntityTooLarge:
        raise too_large from None
    except (HTTPException, OSError, ValueError):
        if hurried.late:  # werkzeug tells it as any other end
            raise UploadError(f"The file did not arrive within {SECONDS:.0f} s.", 408) from None
        raise UploadError("The upload broke off or is none: try again.") from None
    if file is None or not data:
        raise UploadError("Choose a picture, a sound or a video first.")
    if len(data) > MAX_BYTES:
        raise too_large
    kind = kind_of(data[:4096])
    if kind is None:
        raise UploadError(
            "That is no picture, sound or video that can be searched by: try JPEG, PNG, WAV, MP3 or MP4.", 415
        )
    name = "".join(letter for letter in (file.filename or "") if letter.isprintable()).strip()
    return Upload(name[-NAME_CHARACTERS:] or "a file", kind, data)


def kind_of(beginning: bytes) -> str | None:
    """image, audio or video, by a file's first bytes; None for what is neither, be it called so or not."""
    for kind, matches in _KINDS:
        if matches(beginning):
            return kind
    return None


def _riff(form: bytes) -> Callable[[bytes], bool]:
    return lambda b: b[:4] == b"RIFF" and b[8:12] == form


_KINDS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("image", lambda b: b.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a"))),
    ("image", _riff(b"WEBP")),
    ("audio", _riff(b"WAVE")),
    ("video", _riff(b"AVI ")),
    ("audio", lambda b: b.startswith((b"ID3", b"fLaC")) or (b[:4] == b"FORM" and b[8:12] in (b"AIFF", b"AIFC"))),
    ("audio", lambda b: b[:1] == b"\xff" and b[1:2] in (b"\xfb", b"\xfa", b"\xf3", b"\xf2", b"\xf1", b"\xf9")),
    ("audio", lambda b: b[4:8] == b"ftyp" and b[8:11] in (b"M4A", b"M4B")),
    ("video", lambda b: b[4:8] == b"ftyp" and b[8:12] not in (b"avif", b"heic", b"mif1", b"heix")),
    ("video", lambda b: b.startswith((b"\x1aE\xdf\xa3", b"\x00\x00\x01\xba", b"FLV\x01"))),
    ("video", lambda b: b.startswith(b"OggS") and b"theora" in b[:128]),
    ("audio", lambda b: b.startswith(b"OggS")),
)


class _Hurried:
    """A request's body that is given up when it takes too long: a slow sender must not keep a thread."""

    def __init__(self, stream: Any, socket: Any) -> None:
        """`socket`: gunicorn's, whose reads then end too; None elsewhere."""
        self._stream, self._deadline = stream, time.monotonic() + SECONDS
        if socket is not None:
            socket.settimeout(SILENCE)

    def read(self, size: int = -1) -> bytes:
        self._check()
        return self._stream.read(size)

    def readline(self, size: int = -1) -> bytes:
        self._check()
        return self._stream.readline(size)

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() > self._deadline

    def _check(self) -> None:
        if self.late:
            raise TimeoutError
