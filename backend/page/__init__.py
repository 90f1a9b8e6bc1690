"""The page: what a project lead sees in a browser at the backend's address.

Server-rendered; a small script keeps it up to date and lets files be dropped, and nothing essential needs it.
"""

from backend.page.answering import asked_for, refusal, register, show

__all__ = ["asked_for", "refusal", "register", "show"]
