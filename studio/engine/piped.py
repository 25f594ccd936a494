"""A clip that a pipeline of the library draws, as events.

What a step says of the finished clip is read off where it leaves the pipeline's scheduler.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.clip import Clip
from studio.core.job import BadRequest
from studio.engine import memory, preview
from studio.engine.inputs import flatten, resized
from studio.engine.inthread import After, in_thread
from studio.engine.job import Job, Steps
from studio.engine.pipelines import KINDS, forecast, frames_for, pipeline_class


def from_words(job: Job) -> Steps[Clip]:
    """text2video"""
    t = job.technique
    if t.loop:
        raise BadRequest(f"loop: {job.model.card.id} cannot make loops; choose another model.")
    return (yield from _drawn(job, job.model.pipe, t.width, t.height, _told(job)))


def from_picture(job: Job, first: Clip, end: Clip | None, width: int, height: int) -> Steps[Clip]:
    """image2video: the picture, and the last one where there is one, at width x height."""
    t, card, pipe = job.technique, job.model.card, job.model.pipe
    kind = KINDS[card.family]
    if t.loop:
        raise BadRequest(f"loop: {card.id} cannot make loops; choose another model.")
    if end is not None and card.family != "wan":
        raise BadRequest(f"end: {card.id} takes a first picture only; leave the last one out.")
    told = _told(job)
    told["image"] = _picture(first, width, height)
    if end is not None:
        told["last_image"] = _picture(end, width, height)
    if card.family == "stable-video":
        if t.prompt.strip():
            job.notes.append(f"{card.title} takes no words: the picture alone says what moves.")
        told = {"image": told["image"], "min_guidance_scale": 1.0, "max_guidance_scale": t.guidance, "fps": round(job.rate)}  # fmt: skip
    if kind.shared and type(pipe).__name__ != kind.picture:
        pipe = pipeline_class(card.family, kind.picture)(**pipe.components)
        pipe.set_progress_bar_config(disable=True)
    return (yield from _drawn(job, pipe, width, height, told))


def _told(job: Job) -> dict[str, Any]:
    t = job.technique
    told: dict[str, Any] = {"prompt": t.prompt, "guidance_scale": t.guidance}
    if t.negative_prompt:
        told["negative_prompt"] = t.negative_prompt
    if job.model.card.family == "ltx":
        told["frame_rate"] = round(job.rate)
    return told


def _picture(clip: Clip, width: int, height: int) -> Any:
    from PIL import Image

    return Image.fromarray(resized(flatten(clip), width, height).array)


def _drawn(job: Job, pipe: Any, width: int, height: int, told: dict[str, Any]) -> Steps[Clip]:
    t, card = job.technique, job.model.card
    count = frames_for(card, t.frames)
    weights, work = forecast(card, width, height, count, job.model.dtype)
    job.notes.append(f"The forecast was {(weights + work) / 2**30:.2g} GiB of memory.")
    told |= {
        "width": width,
        "height": height,
        "num_frames": count,
        "num_inference_steps": t.steps,
        "generator": torch.Generator().manual_seed(job.spec.seed),
        "output_type": "np",
    }
    if card.family == "stable-video":
        told["decode_chunk_size"] = min(count, 8)
    while True:
        try:
            frames = yield from _steps(job, pipe, told)
            return Clip.video(_bytes(frames[: t.frames]), job.rate)
        except Exception as error:
            if not memory.is_out_of_memory(error):
                raise
        # outside the except: the error's traceback holds the tensors that must go
        memory.free_unused(job.model.device)
        if not job.thrift.alone:
            job.thrift.alone = True
            if job.make_room():
                continue
        if job.thrift.tile or not hasattr(pipe.vae, "enable_tiling"):
            raise MemoryError("out of memory while drawing")
        job.thrift.tile = 1
        pipe.vae.enable_tiling()


def _steps(job: Job, pipe: Any, told: dict[str, Any]) -> Steps[NDArray[np.float32]]:
    """[F, H, W, 3] in [0, 1]"""
    guess: list[Tensor] = []
    rate, linear = job.rate, job.model.preview

    def play(after: After) -> NDArray[np.float32]:
        def each(_: Any, i: int, __: Any, given: dict[str, Any]) -> dict[str, Any]:
            after(i + 1, _seen(pipe, guess[-1] if guess else given["latents"], told))
            return {}

        with Watched(pipe.scheduler, guess):
            frames = pipe(
                **{**told, "generator": told["generator"].clone_state()}, callback_on_step_end=each
            ).frames
        return np.asarray(frames[0], np.float32)

    def shown(latents: Tensor) -> Clip:
        assert linear is not None, "without it, nothing is shown"
        slow = rate * len(latents) / told["num_frames"]
        return preview.draw(latents, linear, job.model.codec.factor, slow)

    return (yield from in_thread(job, play, told["num_inference_steps"], shown if linear else None))


def _seen(pipe: Any, latents: Tensor, told: dict[str, Any]) -> Tensor:
    """A pipeline's latents -> [F, C, h, w]."""
    latents = latents.detach().float().cpu()
    if latents.ndim == 3:  # packed into tokens
        patch, long = pipe.transformer_spatial_patch_size, pipe.transformer_temporal_patch_size
        F = (told["num_frames"] - 1) // pipe.vae_temporal_compression_ratio + 1
        h, w = (told[side] // pipe.vae_spatial_compression_ratio for side in ("height", "width"))
        latents = pipe._unpack_latents(latents, F, h, w, patch, long)
    channels = PLACES.get(type(pipe.vae).__name__, 1)
    return latents[0] if channels == 2 else latents[0].transpose(0, 1)


PLACES = {"AutoencoderKLTemporalDecoder": 2, "AutoencoderKLCogVideoX": 2}
"""Where the channels are in a pipeline's latents of five axes; 1 in the others."""


class Watched:
    """Puts what every step of a scheduler makes of the finished latents into `found`."""

    def __init__(self, scheduler: Any, found: list[Tensor]) -> None:
        self.scheduler, self.found = scheduler, found

    def __enter__(self) -> None:
        step: Callable[..., Any] = self.scheduler.step

        def watched(out: Tensor, *rest: Any, **more: Any) -> Any:
            t, x = rest[-2:] if isinstance(rest[-1], Tensor) and rest[-1].ndim > 1 else (None, None)
            made = step(out, *rest, **more)
            self.found[:] = [] if x is None else [clean(self.scheduler, out, t, x)]
            return made

        self.scheduler.step = watched

    def __exit__(self, *_: object) -> None:
        del self.scheduler.step


def clean(scheduler: Any, out: Tensor, t: Any, x: Tensor) -> Tensor:
    """What a network's output says of the clean latents, after the scheduler has taken its step."""
    kind = getattr(scheduler.config, "prediction_type", "flow_prediction")
    out, x = out.float(), x.float()
    if kind == "flow_prediction" or type(scheduler).__name__.startswith("FlowMatch"):
        return x - float(scheduler.sigmas[scheduler.step_index - 1]) * out
    if hasattr(scheduler, "sigmas"):  # x = x0 + sigma noise (Karras et al. 2022)
        sigma = float(scheduler.sigmas[scheduler.step_index - 1])
        if kind == "v_prediction":
            return x / (sigma**2 + 1) - out * sigma / (sigma**2 + 1) ** 0.5
        return x - sigma * out
    share = float(scheduler.alphas_cumprod[int(t)])  # x = sqrt(share) x0 + sqrt(1 - share) noise
    if kind == "v_prediction":
        return share**0.5 * x - (1 - share) ** 0.5 * out
    return (x - (1 - share) ** 0.5 * out) / max(share, 1e-4) ** 0.5


def _bytes(frames: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(np.clip(np.nan_to_num(frames), 0, 1) * 255).astype(np.uint8)
