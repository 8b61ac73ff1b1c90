"""Says for which platform the wheel is: it holds the SQLite of one."""

import os
from typing import Any, Dict

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PlatformHook(BuildHookInterface):  # type: ignore[type-arg]
    """Sets the wheel's tag to the platform in CURVEWISE_WHEEL_PLATFORM, such as ``manylinux_2_28_x86_64``."""

    def initialize(self, version: str, build_data: Dict[str, Any]) -> None:
        """Called before the build."""
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{os.environ['CURVEWISE_WHEEL_PLATFORM']}"
