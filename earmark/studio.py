"""Label Studio as the demo runs it: its own environment, its own data, loopback only, nothing sent elsewhere."""

import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from earmark import ports

PYTHON = Path(__file__).resolve().parent.parent / ".venv-labelstudio" / "bin" / "python"
EMAIL = "demo@earmark.local"
START_SECONDS = 600.0  # the first start creates its database
# Label Studio reads well over a hundred variables, many of them without a prefix: of ours it gets these only.
KEPT = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "TMPDIR", "TZ")


@dataclass(frozen=True)
class Studio:
    """One Label Studio: where it listens, where its data lie, who logs in."""

    port: int
    data: Path
    """Its database and uploads."""
    files: Path
    """Folder whose files tasks may name as local storage (`/data/local-files/?d=...`)."""
    password: str
    token: str
    """Legacy token of the one user."""

    @property
    def url(self) -> str:
        """Its address, for people and for workers."""
        return f"http://localhost:{self.port}"

    @property
    def command(self) -> list[str]:
        """What starts it, on loopback, without opening a browser."""
        place = ["--internal-host", ports.HOST, "--port", str(self.port)]
        return [str(PYTHON), "-m", "label_studio.server", "start", "--no-browser", *place]

    @property
    def environment(self) -> dict[str, str]:
        """Its environment; login and token are here, since other users can read a command line."""
        return {name: os.environ[name] for name in KEPT if name in os.environ} | {
            "LABEL_STUDIO_BASE_DATA_DIR": str(self.data),
            "LABEL_STUDIO_USERNAME": EMAIL,
            "LABEL_STUDIO_PASSWORD": self.password,
            "LABEL_STUDIO_USER_TOKEN": self.token,
            "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
            "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
            # Both, or it refuses a backend on this machine: one switch guards its calls, the other its webhooks.
            "LABEL_STUDIO_ML_BLOCK_LOCAL_IP": "false",
            "LABEL_STUDIO_SSRF_PROTECTION_ENABLED": "false",
            "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "true",
            "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT": str(self.files),
            "LABEL_STUDIO_COLLECT_ANALYTICS": "false",
            "LABEL_STUDIO_LATEST_VERSION_CHECK": "false",
            "LABEL_STUDIO_SENTRY_DSN": "",
            "LABEL_STUDIO_FRONTEND_SENTRY_DSN": "",
        }

    def is_up(self) -> bool:
        """Whether it answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:  # noqa: S310 - our own address
                return b"UP" in answer.read(1000)
        except (urllib.error.URLError, OSError):
            return False
