"""A clip goes on: its last frames are given, what follows is drawn, window by window.

A model that can draw how things move moves the last frame itself, in its own size (`carrying`).

The clip's own frames stay as they are; the new ones come in its size and at its rate.
"""

from __future__ import annotations

import numpy as np

from studio.core.clip import Clip
from studio.engine import carrying
from studio.engine.film import check_length, film_of, frames_of
from studio.engine.inputs import resized
from studio.engine.job import Job, Steps
from studio.engine.keep import scaled


def run(job: Job) -> Steps[Clip]:
    t, source = job.technique, job.inputs["video"]
    before = frames_of(source)
    rate = source.rate or job.rate
    job.rate = rate
    film = film_of(job, source)
    overlap = min(t.overlap, len(before))
    check_length(len(before) + t.frames, source.width, source.height)
    words = yield from film.words()
    if carrying.able(job):
        made = yield from carrying.clip_of(film, before[-1], "first", t.frames, words, on=True)
        return Clip.video(np.concatenate([before, made]), rate)
    small = np.stack([resized(Clip.picture(f), film.width, film.height).array for f in before[-overlap:]])
    latents = yield from film.encoded(small)
    given = {i: latents[i : i + 1] for i in range(overlap)}
    drawn = yield from film.drawn(overlap + t.frames, words, given, overlap)
    made = yield from film.decoded(drawn[overlap:])
    if (film.width, film.height) != (source.width, source.height):
        made = np.stack([scaled(Clip.picture(f), source.width, source.height).array for f in made])
        job.notes.append(
            f"The new frames were drawn at {film.width} x {film.height} px, the most this model draws, and scaled to"
            f" {source.width} x {source.height}."
        )
    return Clip.video(np.concatenate([before, made]), rate)
