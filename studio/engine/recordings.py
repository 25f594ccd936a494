"""A recording that a model of music listens to, changes and gives back.

Models hear one channel, at their own rate and at one loudness; a recording has its own. What a model changes is therefore brought back as a
difference: it is brought to the recording's rate and added to every channel of it. Where nothing was changed there is no difference, so
the samples stay as they are, bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.beat import Beat, beat_of
from studio.core.clip import Clip
from studio.core.job import BadRequest, Progress
from studio.core.sound import at_rate, mono, resampled
from studio.core.spectrogram import FLOOR, picture_of
from studio.engine.condition import Condition
from studio.engine.controls.windows import Windows
from studio.engine.job import Job, Steps
from studio.engine.music import Score, codec_of, network_of, understood
from studio.engine.sample import sample
from studio.engine.schedule import Level
from studio.engine.steps import make_step

Floats = NDArray[np.float32]

USUAL = 0.1
"""Root mean square of the music that models were trained on."""
SHORTEST = 0.25
"""Seconds that a recording must last."""
LONGEST = 1800.0


@dataclass
class Recording:
    """sound: mono [n] at the model's rate. gain: decibels that were added so that it is as loud as the model is used to.
    levels: [bands, T] in dB, with that gain; T is a whole number of tokens."""

    clip: Clip
    sound: Floats
    gain: float
    levels: Floats
    tokens: int

    @property
    def rate(self) -> float:
        assert self.clip.rate is not None, "a sound has a rate"
        return self.clip.rate


def recording(job: Job, field: str = "sound") -> Recording:
    """What a request's sound is to the model.

    Raises:
        BadRequest: it is too short, too long or silent.
    """
    clip, codec = job.inputs[field], codec_of(job)
    seconds = clip.array.shape[0] / (clip.rate or 1)
    if not SHORTEST <= seconds <= LONGEST:
        raise BadRequest(
            f"{field}: it lasts {seconds:.2f} s; choose a sound of {SHORTEST:g} to {LONGEST:g} seconds."
        )
    sound = mono(at_rate(clip, codec.how.rate))
    power = float(np.sqrt(np.mean(np.square(sound))))
    if power < 1e-4:
        raise BadRequest(f"{field}: there is nothing to be heard in it; choose another sound.")
    gain = 20 * float(np.log10(USUAL / power))
    levels = gained(picture_of(sound, codec.how), gain)
    tokens = codec.tokens(levels.shape[1] / codec.how.frame_rate)
    levels = np.pad(levels, ((0, 0), (0, tokens * codec.frames - levels.shape[1])), constant_values=FLOOR)
    return Recording(clip, sound, gain, levels.astype(np.float32), tokens)


def gained(levels: Floats, gain: float) -> Floats:
    """Louder by so many decibels; silence stays silence."""
    return np.where(levels <= FLOOR + 1e-3, FLOOR, np.maximum(levels + gain, FLOOR)).astype(np.float32)


def latent_of(job: Job, levels: Floats) -> Tensor:
    """[bands, T] dB -> [1, C, 1, N]"""
    with job.stage("encoding"):
        return codec_of(job).encode(torch.from_numpy(levels)[None].to(job.model.device))


def score_for(job: Job, tokens: int, heard: Recording | None, first: float = 0.0) -> Score:
    """What the network is told: the request's words, and the beat that they or the recording have.

    Args:
        heard: whose beat to keep; None = the words' alone.
        first: seconds of the piece before the recording begins.
    """
    codec, told = codec_of(job), understood(job, job.technique.prompt)
    beat = beat_of(heard.sound, codec.how.rate) if heard is not None else Beat(0.0, 0.0, 0.0)
    bpm = told.bpm or (beat.bpm if beat.sure else 0.0)
    if bpm and told.bpm and beat.sure:  # the words may count every other beat
        beat = beat._replace(bpm=bpm)
    if bpm and not told.bpm:
        job.notes.append(f"Its beat was heard as {bpm:.1f} bpm; say the tempo in the words if that is wrong.")
    return Score(job.model.unet, codec.token_seconds, tokens, told, bpm, -(first + beat.first))


def inverted(job: Job, latent: Tensor, levels: list[Level], condition: Condition) -> Steps[Tensor]:
    """The noise at levels[0] that DDIM would make `latent` of (Song et al. 2021; Dhariwal & Nichol 2021): the same steps, upwards.

    levels: noisy to clean, as for drawing; the first must not be pure noise.
    """
    rising = levels[::-1]
    states = sample(
        network_of(job), latent, rising, make_step("ddim"), condition, [Windows(job.model.unet.config.tokens)]
    )
    x = latent
    while state := job.next_state(states):
        x = state.x
        yield Progress("inverting", state.index, state.total, memory=job.peak())
    return x


def below_noise(levels: list[Level]) -> list[Level]:
    """Without a first level that is noise alone, from which there is no way back to a recording."""
    return levels[1:] if levels[0].alpha < 1e-3 and len(levels) > 2 else levels


def laid_over(heard: Recording, made: Floats, rate: float) -> Clip:
    """The recording with the difference between `made` and what the model heard, both mono [n] at the model's `rate`."""
    changed = np.flatnonzero(made != heard.sound)
    if not len(changed):
        return heard.clip
    own, ratio = heard.clip.array, heard.rate / rate
    difference = resampled((made - heard.sound).astype(np.float32), rate, heard.rate)
    difference = np.pad(difference, (0, max(0, len(own) - len(difference))))[: len(own)]
    # The resampling filter rings a little before and after; outside of what was changed that is taken away.
    first = max(0, int(changed[0] * ratio))
    last = min(len(own), int((changed[-1] + 1) * ratio) + 1)
    out = own.copy()
    out[first:last] += difference[first:last, None]
    return Clip.sound(out, heard.rate)
