"""Where a study's coordinator is, and the key to it."""

import json
import os
import stat
from dataclasses import dataclass
from typing import Any, Dict, Optional

from ._errors import CurvewiseError

RENDEZVOUS_FILE = "coordinator.json"


@dataclass(frozen=True)
class Door:
    """A coordinator as it can be reached at the moment."""

    url: str
    token: str
    #: The study's name; None if only the coordinator knows.
    study: Optional[str] = None
    #: The certificate that it shows, in PEM.
    certificate: Optional[str] = None
    #: The study's folder on this host; None if only the coordinator knows.
    folder: Optional[str] = None
    finished: bool = False
    #: Which coordinator it is; another one has another.
    coordinator: Optional[str] = None


def read_token(file: str) -> str:
    """The token in a file that nobody else may read.

    Raises:
        CurvewiseError: ``TOKEN_NOT_FOUND``; ``TOKEN_OPEN`` if others may read the file.
    """
    try:
        with open(file, encoding="ascii") as opened:
            text = opened.read().strip()
        mode = os.stat(file).st_mode
    except (OSError, UnicodeDecodeError) as cause:
        raise CurvewiseError(
            "TOKEN_NOT_FOUND", f"the token {file} cannot be read: {cause}", "The coordinator writes it."
        ) from cause
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise CurvewiseError("TOKEN_OPEN", f"others may read the token {file}", f"chmod 600 {file}")
    return text


class Address:
    """How to find a coordinator: by the study's folder, which is read before every connection, or by its URL."""

    def __init__(self, place: str, token: Optional[str] = None) -> None:
        self.place = place
        self._token = token
        self.is_url = place.startswith(("http://", "https://"))

    def find(self) -> Optional[Door]:
        """The coordinator; None if the folder does not say where it is.

        Raises:
            CurvewiseError: ``TOKEN_NEEDED``, and those of `read_token`.
        """
        if self.is_url:
            if self._token is None:
                raise CurvewiseError(
                    "TOKEN_NEEDED",
                    f"the token of {self.place} is not given",
                    "Set CURVEWISE_TOKEN, or give the study's folder instead of a URL.",
                )
            return Door(self.place.rstrip("/"), self._token)
        file = os.path.abspath(self.place)
        if os.path.isdir(file):
            file = os.path.join(file, RENDEZVOUS_FILE)
        folder = os.path.dirname(file)
        try:
            with open(file, encoding="utf-8") as opened:
                found: Dict[str, Any] = json.load(opened)
            url, study, token_file = str(found["url"]), str(found["study"]), str(found["tokenFile"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return Door(
            url=url,
            token=read_token(os.path.join(folder, token_file)) if self._token is None else self._token,
            study=study,
            certificate=found.get("certificate"),
            folder=folder,
            finished=found.get("finished") is True,
            coordinator=str(found.get("coordinator")),
        )


def address_of(place: Optional[str], token: Optional[str]) -> Address:
    """The address that was given, or that of the environment.

    Raises:
        CurvewiseError: ``COORDINATOR_UNKNOWN``.
    """
    environment = os.environ
    place = place or environment.get("CURVEWISE_RENDEZVOUS") or environment.get("CURVEWISE_URL")
    if not place:
        raise CurvewiseError(
            "COORDINATOR_UNKNOWN",
            "nothing says which study to work for",
            "Start it with `curvewise run study.yaml --listen 8470`, and give the study's folder, which has the file"
            " coordinator.json: curvewise.trials('curvewise-files/my-study'), or CURVEWISE_RENDEZVOUS.",
        )
    return Address(place, token or environment.get("CURVEWISE_TOKEN"))
