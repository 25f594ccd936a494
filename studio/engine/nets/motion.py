"""A picture network with motion modules as a network for the loop (AnimateDiff, Guo et al. 2024).

In the loop a clip is a batch of its frames, x [F, C, h, w], so that everything that works on pictures (codecs, masks, guidance, solvers)
works on clips; only the network sees that they belong together.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from studio.engine.condition import Condition


class MotionNetwork:
    """A UNetMotionModel or UNet3DConditionModel of the library, called on frames.

    Args:
        module: takes [B, C, F, h, w], a time for each clip, and the text of every frame [B F, tokens, width], or of
            every clip (UNet3DConditionModel).
        frames: F; a batch holds whole clips, one after the other (guidance makes two of one).
    """

    def __init__(self, module: nn.Module, frames: int) -> None:
        self.module = module
        self.frames = frames
        self.texts = frames if type(module).__name__ == "UNet3DConditionModel" else 1
        """Frames that share a text."""

    def __call__(self, x: Tensor, t: Tensor, condition: Condition) -> Tensor:
        """x [B F, C, h, w], t [B F] -> [B F, C, h, w].

        Raises:
            ValueError: the batch does not hold whole clips.
        """
        count, f = x.shape[0], self.frames
        if count % f:
            raise ValueError(f"A batch of {count} frames does not hold whole clips of {f}.")
        dtype = next((p.dtype for p in self.module.parameters()), x.dtype)
        condition = condition.expand(count).to(device=x.device, dtype=dtype)
        clips = x.to(dtype).unflatten(0, (count // f, f)).transpose(1, 2)  # [B, C, F, h, w]
        text = condition.hidden if self.texts == 1 else condition.hidden[:: self.texts]
        module: Any = self.module
        made = module(clips, t[::f], encoder_hidden_states=text, return_dict=False)[0]
        return made.transpose(1, 2).flatten(0, 1).to(x.dtype)


def motion_unet(unet: Any, adapter: Any, changes: dict[str, Tensor] | None = None) -> Any:
    """UNet2DConditionModel + MotionAdapter -> UNetMotionModel of the library, with weights that replace the picture network's."""
    from diffusers.models.unets.unet_motion_model import UNetMotionModel

    model: Any = UNetMotionModel.from_unet2d(unet, adapter)
    if changes:
        wrong = model.load_state_dict(changes, strict=False).unexpected_keys
        if wrong:
            raise ValueError(f"there is no weight {wrong[0]}")
    return model
