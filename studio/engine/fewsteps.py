"""Which models were distilled to need few steps, and how each wants to be run.

Recognised by configuration where it says so (an input for the guidance scale, the scheduler's class), else by the names under which
such models are published: in the folder's name, or the origin that the library notes in a configuration.

    kind        solver            spacing    guidance          source
    LCM         lcm               lcm        8.5, an input     Luo et al. 2023; 1 where the network has no input for it
    Turbo       euler_ancestral   trailing   1 (off)           Sauer et al. 2023
    Lightning   euler             trailing   1 (off)           Lin et al. 2024
    Hyper       ddim              trailing   1 (off)           Ren et al. 2024

A number of steps in the name ("4step") is believed. Adapters of these kinds are recognised the same way, see `adapters`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.core.card import Defaults


@dataclass(frozen=True)
class FewSteps:
    """A kind of distilled model and what a request for it gets."""

    kind: str
    defaults: Defaults


def recognised(
    name: str, unet: Mapping[str, Any], noise: Mapping[str, Any], index: Mapping[str, Any]
) -> FewSteps | None:
    """What a model in the library's layout was distilled as; None for an ordinary one.

    name: of its folder. unet, noise, index: its unet/config.json, scheduler_config.json and model_index.json.
    """
    names = " ".join([name, *(str(config.get("_name_or_path", "")) for config in (unet, index))]).lower()
    words = set(re.split(r"[^a-z]+", names))
    found = re.search(r"(?<!\d)(\d{1,2})[-_ ]?steps?(?![a-z])", names)
    steps = min(max(int(found[1]), 1), 50) if found else None
    told = unet.get("time_cond_proj_dim") is not None
    if told or noise.get("_class_name") == "LCMScheduler" or "lcm" in words:
        return FewSteps(
            "LCM", Defaults(steps=steps or 4, guidance=8.5 if told else 1.0, solver="lcm", spacing="lcm")
        )
    if "lightning" in words:
        return FewSteps(
            "Lightning", Defaults(steps=steps or 4, guidance=1.0, solver="euler", spacing="trailing")
        )
    if "hyper" in words or "hypersd" in words:
        return FewSteps("Hyper", Defaults(steps=steps or 8, guidance=1.0, solver="ddim", spacing="trailing"))
    if "turbo" in words:
        return FewSteps(
            "Turbo", Defaults(steps=steps or 4, guidance=1.0, solver="euler_ancestral", spacing="trailing")
        )
    return None
