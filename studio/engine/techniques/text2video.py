"""Words become a clip: the noise of its frames is walked down together (AnimateDiff, Guo et al. 2024). Where the model can draw how things
move, a picture is drawn first, enlarged where a second stage is named (`second`), then the ways of what it shows are drawn, and the
frames are that picture, moved (`carrying`)."""

from __future__ import annotations

from studio.core.clip import Clip
from studio.core.job import BadRequest, Preview
from studio.engine import carrying, piped
from studio.engine.film import Film, check_length
from studio.engine.job import Job, Steps
from studio.engine.second import drawn_size, finer


def run(job: Job) -> Steps[Clip]:
    t = job.technique
    check_length(t.frames, t.width, t.height)
    if job.model.pipe is not None:
        return (yield from piped.from_words(job))
    moves = carrying.able(job)
    film = Film(job, *(drawn_size(job.model.card.sizes, t.width, t.height) if moves else (t.width, t.height)))
    if t.loop and not moves and t.frames > film.size(0, t.frames):
        raise BadRequest(
            f"frames: a loop is drawn at once, and this model draws {film.size(0, t.frames)} frames at once; choose so many."
        )
    words = yield from film.words()
    given = yield from film.stills(t.frames)
    if given and moves:
        drawn = yield from job.decode(next(iter(given.values())))
        yield Preview(drawn, 0, job.index)
        picture = yield from finer(job, drawn, t.width, t.height)
        if (picture.width, picture.height) != (drawn.width, drawn.height):
            yield Preview(picture, 0, job.index)
            small, large = (f"{clip.width} x {clip.height} px" for clip in (drawn, picture))
            if "enlarging" in job.seconds:
                job.notes.append(
                    f"The picture was drawn at {small}, enlarged to {large} by its second stage and then moved."
                )
            else:
                job.notes.append(f"The picture was drawn at {small}, scaled to {large} and then moved.")
        frames = yield from carrying.clip_of(film, picture.array[..., :3], "free", t.frames, words, t.loop)
        return Clip.video(frames, job.rate)
    if t.loop and given:  # of a clip that begins with a picture, a loop comes back to it
        latent = next(iter(given.values()))
        latents = yield from film.drawn(t.frames + 1, words, {0: latent, t.frames: latent}, t.overlap)
    else:
        latents = yield from film.drawn(t.frames, words, given, t.overlap, t.loop)
    return Clip.video((yield from film.decoded(latents[: t.frames])), job.rate)
