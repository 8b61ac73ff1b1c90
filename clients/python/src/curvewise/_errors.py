"""The one kind of error that Curvewise raises."""

from typing import Optional


class CurvewiseError(Exception):
    """What went wrong, and how to mend it.

    Attributes:
        code: stable and in capitals, such as ``STEP_NOT_INCREASING``.
        message: what is wrong, in a sentence.
        hint: what to do about it, if that is known.
    """

    def __init__(self, code: str, message: str, hint: Optional[str] = None) -> None:
        super().__init__(code, message, hint)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.code}: {self.message}"
        return text if self.hint is None else f"{text} ({self.hint})"


def error_from(answer: object) -> CurvewiseError:
    """The error that a coordinator answered with, as the JSON object in its ``error``."""
    fields = answer if isinstance(answer, dict) else {}
    hint = fields.get("hint")
    return CurvewiseError(
        str(fields.get("code", "UNEXPECTED")),
        str(fields.get("message", "the coordinator refused the call")),
        None if hint is None else str(hint),
    )
