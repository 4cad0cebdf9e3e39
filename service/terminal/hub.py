"""Uploads the files of a release to a dataset repository of the Hugging Face hub, with the user's own token.

The files are pulled into a folder that is kept until all of them are on the hub, so that the same command
continues after a kill. They go up in one commit: readers see the release as a whole or not at all. What the
hub has already is not sent again.
"""

import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2

from graph.text import first_line
from service.terminal.output import CommandError

UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 401, 403, 404


class Repository:
    """A dataset repository; `private`: make it so, and refuse one that is not."""

    def __init__(self, name: str, *, private: bool) -> None:
        import huggingface_hub

        hub: Any = huggingface_hub
        token = hub.get_token()
        if token is None:
            raise CommandError(
                "there is no token for the hub: set HF_TOKEN to one that may write, or run `hf auth login`"
            )
        if not sys.stderr.isatty():
            hub.utils.disable_progress_bars()
        self.name = name
        self._private = private
        self._hub = hub.HfApi(token=token)

    def make(self) -> str:
        """Makes the repository where there is none; returns its address. Raises CommandError."""
        with self._errors():
            address = self._hub.create_repo(
                self.name, repo_type="dataset", private=self._private or None, exist_ok=True
            )
            public = not self._hub.dataset_info(self.name).private
        if self._private and public:
            raise CommandError(
                f"{self.name} is on the hub already and is public: make it private there, or omit --private"
            )
        return str(address)

    def upload(self, folder: Path, message: str) -> str:
        """Uploads what the repository does not have yet, in one commit, and removes other files in data/.

        Returns the id of the commit that has it all. Raises CommandError.
        """
        with self._errors():
            commit = self._hub.upload_folder(
                repo_id=self.name,
                repo_type="dataset",
                folder_path=folder,
                commit_message=message,
                delete_patterns="data/**",
            )
        return str(commit.oid)

    @contextmanager
    def _errors(self) -> Generator[None]:
        """Turns the hub's errors into CommandErrors that say what to do."""
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError

        try:
            yield
        except HFValidationError as error:
            raise CommandError(f"{self.name} cannot be a repository: {first_line(error)}") from error
        except HfHubHTTPError as error:
            raise CommandError(self._said(error)) from error
        except (OSError, RuntimeError, httpx.HTTPError, httpx2.HTTPError) as error:
            raise CommandError(
                f"the exchange with the hub failed ({first_line(error)}); run the command again: what is "
                "there is not "
                "sent again"
            ) from error

    def _said(self, error: Any) -> str:
        status = getattr(error.response, "status_code", None)
        owner = self.name.partition("/")[0]
        known = {
            UNAUTHORIZED: "the hub does not know the token: set HF_TOKEN to another, or run `hf auth login`",
            FORBIDDEN: f"the token may not write to {self.name}: it needs the permission to write in {owner}",
            NOT_FOUND: f"the hub has no {owner} in which the token may write",
        }
        return known.get(status or 0) or f"the hub refuses: {first_line(error)}"


def remove(folder: Path) -> None:
    """Removes a folder of files that are on the hub."""
    shutil.rmtree(folder, ignore_errors=True)
