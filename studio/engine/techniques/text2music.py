"""Words become music of any length: noise of the seed is walked down to a row of tokens, in windows that overlap.

The tempo of the words is the beat grid's (`nets.music`), so it is exact. A loop is as many whole phrases of four chords as come nearest to
the wanted length; its tempo is moved by less than a hundredth, so that it ends where a token does.
"""

from __future__ import annotations

from studio.core.clip import Clip
from studio.engine import played
from studio.engine.job import Job, Steps
from studio.engine.music import Score, codec_of, drawn, scaled_noise, sounding, tempo_for, understood
from studio.engine.players import FAMILIES, RIFFUSION


def run(job: Job) -> Steps[Clip]:
    t = job.technique
    if job.model.card.family in (RIFFUSION, *FAMILIES):
        return (yield from played.from_words(job))
    codec = codec_of(job)
    told = understood(job, t.prompt)
    score = Score(job.model.unet, codec.token_seconds, codec.tokens(t.seconds), told, tempo_for(job, told))
    samples: int | None = round(t.seconds * codec.how.rate)
    if t.loop:
        score, samples = looped(job, score, t.seconds), None
    levels = job.levels()
    x = scaled_noise(job, score.tokens, levels)
    negative = score.without_words(understood_without(job))
    latent = yield from drawn(job, x, levels, score.condition(), negative, ring=t.loop)
    return (yield from sounding(job, latent, samples=samples, ring=t.loop, loudness=t.loudness))


def understood_without(job: Job) -> str:
    """The negative words, checked."""
    understood(job, job.technique.negative_prompt, "negative_prompt")
    return job.technique.negative_prompt


def looped(job: Job, score: Score, seconds: float) -> Score:
    """The same for a loop: whole phrases, ending where a token ends."""
    phrases = max(1, round(seconds / score.phrase))
    wanted = phrases * score.phrase
    tokens = max(1, round(wanted / score.token_seconds))
    bpm = score.bpm * wanted / (tokens * score.token_seconds)
    job.notes.append(
        f"The loop is {phrases} {'phrase' if phrases == 1 else 'phrases'} of four chords, {tokens * score.token_seconds:.2f} s at {bpm:.2f} bpm."
    )
    return Score(score.net, score.token_seconds, tokens, score.told, bpm)
