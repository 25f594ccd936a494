"""A picture begins to move: it is the clip's first frame, given; a second picture may be given as the last.

A model that can draw how things move moves the picture itself, in its own size (`carrying`).

To come back to the beginning, the clip is drawn with one frame more, which is the first again, and that frame is left out.
"""

from __future__ import annotations

from torch import Tensor

from studio.core.clip import Clip
from studio.core.job import BadRequest
from studio.engine import carrying, piped
from studio.engine.film import Film, Words, check_length, film_of, still
from studio.engine.inputs import flatten
from studio.engine.job import Job, Steps
from studio.engine.masks import scaled
from studio.engine.techniques.image2image import fitting


def run(job: Job) -> Steps[Clip]:
    t = job.technique
    first = still(job.inputs["image"])
    if job.model.pipe is not None:
        end = still(job.inputs["end"]) if "end" in job.inputs else None
        size = fitting(job.model.card.sizes, first.width, first.height)
        return (yield from piped.from_picture(job, first, end, *size))
    if t.loop and "end" in job.inputs:
        raise BadRequest(
            "loop: a clip that comes back to its first frame has no other last frame; leave one of them out."
        )
    film = film_of(job, first)
    check_length(t.frames, film.width, film.height)
    words = yield from film.words()
    if carrying.able(job):
        return (yield from _moved(film, first, words))
    latent = yield from job.encode(first, film.width, film.height)
    given: dict[int, Tensor] = {0: latent}
    count = t.frames + 1 if t.loop else t.frames
    if t.loop:
        given[count - 1] = latent
    elif "end" in job.inputs:
        given[count - 1] = yield from job.encode(still(job.inputs["end"]), film.width, film.height)
    latents = yield from film.drawn(count, words, given, t.overlap)
    frames = yield from film.decoded(latents[: t.frames])
    if film.width < first.width and film.height < first.height:
        job.notes.append(
            f"The frames were drawn at {film.width} x {film.height} px, the most this model draws well; `upscale-video` makes them larger."
        )
    return Clip.video(frames, job.rate)


def _moved(film: Film, first: Clip, words: Words) -> Steps[Clip]:
    """The picture itself, its thing on its way."""
    job, t = film.job, film.job.technique
    picture = flatten(first)
    check_length(t.frames, picture.width, picture.height)
    end = None
    if "end" in job.inputs:
        end = scaled(flatten(still(job.inputs["end"])).array, picture.width, picture.height)
    frames = yield from carrying.clip_of(film, picture.array, "first", t.frames, words, t.loop, end=end)
    return Clip.video(frames, job.rate)
