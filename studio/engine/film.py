"""A clip in the making: its frames are a batch, drawn in windows of as many as the model knows.

A clip that is longer than a window is drawn window by window, each beginning with the last frames of the one before, which are given
to it. So the network's memory is that of one window however long the clip is; what grows are the latents, and the frames at the end.

A frame that is given is, in the loop, a known latent that stands in place of what the network says of it (as in Blended
Diffusion, Avrahami et al. 2022, along time). A network that was taught so also sees it without noise (`Filming.clean`), and then makes
far better use of it. Each frame's noise belongs to its place in the clip, whichever window it is drawn in.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from studio.core.clip import Clip
from studio.core.job import BadRequest, JobSpec, Progress, Text2Image
from studio.engine.checkpoint import Checkpoint
from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.controls.blend import KeepOutside
from studio.engine.controls.crossframe import CrossFrame
from studio.engine.controls.given import Given, Ring
from studio.engine.inputs import flatten
from studio.engine.job import Job, Steps, mix
from studio.engine.steps import draw, make_step
from studio.engine.techniques.image2image import fitting

MOST_BYTES = 2 << 30
"""Of the frames of a result."""
EVERY = -1
"""The number of the stream of noise that all frames have in common."""


@dataclass(frozen=True)
class Words:
    """What each window is told; the last goes on for all that follow."""

    lines: Sequence[Condition]
    negative: Condition

    def of(self, window: int) -> Condition:
        return self.lines[min(window, len(self.lines) - 1)]


@dataclass
class Film:
    """A clip of width x height pixels that a job draws."""

    job: Job
    width: int
    height: int

    # --- what it is made from -----------------------------------------------------------------------------------

    def words(self) -> Steps[Words]:
        """The prompt, a line for each window."""
        lines = [line for line in self.job.technique.prompt.splitlines() if line.strip()] or [""]
        first, negative, *others = yield from self.job.condition(
            self.width, self.height, *lines[1:], prompt=lines[0]
        )
        return Words([first, *others], negative)

    def sources(self, first: int, count: int) -> list[Generator]:
        """The streams of noise of frames first, first + 1, ..."""
        made: list[Generator] = []
        for i in range(first, first + count):
            key = hashlib.sha256(f"frame {self.job.spec.seed} {i}".encode()).digest()
            made.append(Generator().manual_seed(int.from_bytes(key[:7], "little")))
        return made

    def noise(self, sources: Sequence[Generator]) -> Tensor:
        """[F, C, h, w], each frame from its own stream; as much of it as the model was taught is the same in all frames."""
        codec, film = self.job.model.codec, self.job.model.card.film
        shape = (codec.channels, self.height // codec.factor, self.width // codec.factor)
        noise = draw(sources, shape)
        if film and film.shared:
            common = draw(self.sources(EVERY, 1), shape)
            noise = math.sqrt(film.shared) * common + math.sqrt(1 - film.shared) * noise
        return noise.to(self.job.model.device)

    def stills(self, count: int) -> Steps[dict[int, Tensor]]:
        """{frame: latent [1, C, h, w]}: what the model of pictures draws of a clip of `count` frames, where this one was taught so."""
        base, film, t = self.job.model.still, self.job.model.card.film, self.job.technique
        if base is None or film is None or film.stills is None:
            return {}
        line = next((line for line in t.prompt.splitlines() if line.strip()), "")
        words, last = without(line, film.stills)
        asked: Any = {**base.card.defaults.model_dump(), "width": self.width, "height": self.height}
        technique = Text2Image(prompt=words, negative_prompt=t.negative_prompt, **asked)
        spec = JobSpec(technique=technique, model=base.card.id, seed=self.job.spec.seed)
        job = Job(
            spec, base, {}, Checkpoint(None, spec), thrift=self.job.thrift, make_room=self.job.make_room
        )
        positive, negative = yield from job.condition(self.width, self.height)
        levels = job.levels()
        x = job.noise(self.width, self.height) * math.hypot(levels[0].alpha, levels[0].sigma)
        events = job.run(x, levels, positive, negative)
        while True:
            try:
                event = next(events)
            except StopIteration as done:
                return {count - 1 if last else 0: done.value}
            yield replace(event, stage="drawing a frame") if isinstance(event, Progress) else event

    # --- drawing ------------------------------------------------------------------------------------------------

    def window(
        self,
        first: int,
        count: int,
        given: Mapping[int, Tensor],
        condition: Condition,
        negative: Condition,
        *,
        start: Tensor | None = None,
        strength: float = 1.0,
        free: Tensor | None = None,
        ring: bool = False,
    ) -> Steps[Tensor]:
        """Frames first .. first + count - 1 -> their latents [count, C, h, w].

        Args:
            given: {place in the window: latent [1, C, h, w]} of frames that are known.
            start: latents [count, C, h, w] to start from with noise of `strength`; None = from noise alone.
            free: [count, 1, h, w] in [0, 1], what of `start` may change; None = everything.
            ring: the last frame leads back to the first.
        """
        job = self.job
        levels = job.levels(strength)
        sources = self.sources(first, count)
        noise = self.noise(sources)
        known = torch.zeros_like(noise)
        held = torch.zeros(count, 1, 1, 1, device=noise.device)
        for i, latent in given.items():
            known[i], held[i] = latent[0], 1
        x = noise * math.hypot(levels[0].alpha, levels[0].sigma)
        if start is not None:
            x = mix(start, noise, levels[0])
        if given:
            x = x + held * (mix(known, noise, levels[0]) - x)
        film = job.model.card.film
        job.frames = count

        def controls() -> list[Control]:
            hands: list[Control] = [CrossFrame(job.model.unet, count)] if film and film.first else []
            if given and film and film.clean:
                hands.append(Given(known, held))
            if ring:
                hands.append(Ring(count))
            if given:
                hands.append(KeepOutside(known, 1 - held))
            if start is not None and free is not None:
                hands.append(KeepOutside(start, free))
            return hands

        step = make_step(job.technique.solver, sources, schedule=job.schedule)
        return (yield from job.run(x, levels, condition, negative, controls, step=step))

    def drawn(
        self, count: int, words: Words, given: Mapping[int, Tensor], overlap: int, ring: bool = False
    ) -> Steps[Tensor]:
        """A clip of `count` frames -> latents [count, C, h, w], window by window.

        Args:
            given: {frame: latent [1, C, h, w]}; in a clip of several windows, frames of the first window and the very last frame.
        """
        size = self.size(overlap, count)
        done = self.job.kept.get("frames")
        latents = self._restored(done, size, overlap)
        total = windows(count, size, overlap)
        for number, start in enumerate(total):
            if number < self.job.runs:
                continue
            known = {i - start: latent for i, latent in given.items() if start <= i < start + size}
            known |= {i - start: latents[i : i + 1] for i in range(start, len(latents))}
            made = yield from self.window(
                start,
                min(size, count),
                known,
                words.of(number),
                words.negative,
                ring=ring and len(total) == 1,
            )
            latents = torch.cat([latents, made[len(latents) - start :]])
            self.job.kept["frames"] = latents
        return latents

    def size(self, overlap: int, count: int) -> int:
        """Frames of a window.

        Raises:
            BadRequest: the windows would not get on.
        """
        film = self.job.model.card.film
        size = min(count, film.frames if film else count)
        if count > size and overlap >= size:
            raise BadRequest(
                f"overlap: this model draws {size} frames at once, so a part can look back at {size - 1} at most; lower it."
            )
        return size

    def _restored(self, done: Tensor | None, size: int, overlap: int) -> Tensor:
        """What an interrupted job had finished, with its runs counted."""
        device = self.job.model.device
        if done is None:
            codec = self.job.model.codec
            return torch.zeros(
                0, codec.channels, self.height // codec.factor, self.width // codec.factor, device=device
            )
        self.job.runs = self.job.saved.run - 1
        return done.to(device)

    # --- pixels -------------------------------------------------------------------------------------------------

    def encoded(self, frames: NDArray[np.uint8]) -> Steps[Tensor]:
        """[F, H, W, 3] of this film's size -> latents [F, C, h, w], frame by frame."""
        parts: list[Tensor] = []
        for i, frame in enumerate(frames):
            yield Progress("encoding", i, len(frames), memory=self.job.peak())
            parts.append((yield from self.job.encode(Clip.picture(frame), self.width, self.height)))
        return torch.cat(parts)

    def decoded(self, latents: Tensor) -> Steps[NDArray[np.uint8]]:
        """Latents [F, C, h, w] -> frames [F, H, W, 3], frame by frame."""
        check_length(len(latents), self.width, self.height)
        frames = np.empty((len(latents), self.height, self.width, 3), np.uint8)
        for i in range(len(latents)):
            picture = yield from self.job.decode(latents[i : i + 1])
            frames[i] = picture.array[..., :3]
            yield Progress("decoding", i + 1, len(latents), memory=self.job.peak())
        return frames


def without(line: str, motions: Mapping[str, str]) -> tuple[str, bool]:
    """A prompt without its words for motion, and whether they ask for the last frame and not the first.

    >>> without("a car driving to the left on a road", {"driving to the left": "first"})
    ('a car on a road', False)
    """
    place = "first"
    for words in sorted(motions, key=len, reverse=True):
        line, found = re.subn(rf"\s*\b{re.escape(words)}\b", "", line, flags=re.IGNORECASE)
        place = motions[words] if found else place
    return line.strip(), place == "last"


def check_length(count: int, width: int, height: int) -> None:
    """Raises BadRequest where that many frames do not fit into memory."""
    if count * width * height * 3 > MOST_BYTES:
        most = MOST_BYTES // (width * height * 3)
        raise BadRequest(
            f"frames: {count} frames of {width} x {height} px do not fit into memory, {most} do; make a shorter clip and go on with it."
        )


def windows(count: int, size: int, overlap: int) -> list[int]:
    """First frames of the windows of `size` that cover `count` frames; each but the last begins `size - overlap` after the one before.

    >>> windows(18, 8, 3)
    [0, 5, 10]
    >>> windows(20, 8, 3)
    [0, 5, 10, 12]
    """
    if count <= size:
        return [0]
    starts = list(range(0, count - size, size - overlap))
    return [*starts, count - size]


def film_of(job: Job, clip: Clip) -> Film:
    """A film with about the proportions of a picture or clip, at a size the model can draw."""
    return Film(job, *fitting(job.model.card.sizes, clip.width, clip.height))


def frames_of(clip: Clip, field: str = "video") -> NDArray[np.uint8]:
    """Frames [F, H, W, 3] of a clip, what is transparent on white; a picture is a clip of one frame.

    Raises:
        BadRequest: it has no pictures.
    """
    if clip.kind == "picture":
        return flatten(clip).array[None]
    if clip.kind != "video":
        raise BadRequest(f"{field}: a {clip.kind} has no pictures; choose a clip.")
    if clip.array.shape[-1] == 3:
        return clip.array
    return np.stack([flatten(Clip.picture(frame)).array for frame in clip.array])


def still(clip: Clip, last: bool = False) -> Clip:
    """A picture, or the first (last) frame of a clip, as a picture."""
    return Clip.picture(frames_of(clip, "image")[-1 if last else 0])
