"""A piece of music in the making: what a job about sound is told, drawn in windows, and made to sound.

    score = Score.of(job, prompt, tokens)         words, tempo, beat grid, melody
    latent = yield from drawn(job, x, levels, score, ...)     the loop
    clip = yield from sounding(job, latent)       levels -> phases -> sound, at one loudness

The latent is a row of tokens [1, C, 1, T] of `codecs.sound`. Everything that the studio knows about diffusion (schedules, solvers,
guidance, controls) works on it as on a picture's.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.clip import Clip
from studio.core.job import BadRequest, Preview, Progress
from studio.core.loudness import normalised
from studio.core.sound import at_rate, mono
from studio.core.spectrogram import FLOOR, Spectrogram, beginning, nearing, picture_of, sound_of, unbanded
from studio.core.spectrogram import magnitudes as magnitudes_of
from studio.engine import vocoder
from studio.engine.checkpoint import Saved
from studio.engine.codecs.sound import SoundCodec
from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.controls.windows import Windows
from studio.engine.denoiser import Denoiser, denoiser_for
from studio.engine.job import Job, Steps, pack, slerp, unpack
from studio.engine.nets.diffwave import DiffWave
from studio.engine.nets.music import GRID, LOWEST_PITCH, PITCHES, MusicNet, beat_grid
from studio.engine.nets.music_words import Told, read_words
from studio.engine.sample import sample
from studio.engine.schedule import Level, Schedule
from studio.engine.steps import draw

GRIFFIN_LIM = 32
"""Iterations; twice as many are hardly better to the ear."""
LOUDEST, QUIETEST = -10.0, -70.0
"""Decibels of the brightest and darkest in a preview."""
PREVIEW_HEIGHT = 4
"""Pixels per band."""
SLOW_BEATS = 92
"""Below this tempo a chord lasts two beats, else four; so the world composes, and so a phrase is counted."""
TEMPI = {"slow": (66, 84), "fast": (128, 152), "": (92, 124)}


@dataclass(frozen=True)
class Tone:
    """A note of a melody: start and end in seconds, pitch as a MIDI number."""

    start: float
    end: float
    pitch: int


@dataclass
class Score:
    """What the network is told of a piece of `tokens` tokens.

    bpm: 0 = not known, and then there is no beat grid. first: seconds from the beginning of a phrase to the piece's beginning.
    """

    net: MusicNet
    token_seconds: float
    tokens: int
    told: Told
    bpm: float = 0.0
    first: float = 0.0
    melody: Sequence[Tone] = field(default_factory=tuple)

    @property
    def beats_a_phrase(self) -> int:
        """Of four chords."""
        return 8 if self.bpm < SLOW_BEATS else 16

    @property
    def phrase(self) -> float:
        """Seconds."""
        return self.beats_a_phrase * 60 / self.bpm

    def condition(self) -> Condition:
        """For one piece."""
        device = self.net.device
        ids = torch.tensor([self.told.ids], device=device)
        bpm = torch.tensor([self.told.bpm], device=device)
        with torch.no_grad():
            hidden = self.net.tell(ids, bpm)
        return Condition(hidden, extra={"grid": self.grid().to(device), "roll": self.roll().to(device)})

    def without_words(self, words: str = "") -> Condition:
        """What guidance moves away from: the same beat and melody under other words, or none."""
        return replace(self, told=read_words(words)).condition()

    def grid(self) -> Tensor:
        """[1, T, GRID]"""
        if not self.bpm:
            return torch.zeros(1, self.tokens, GRID)
        starts = torch.arange(self.tokens) * self.token_seconds + self.first
        return beat_grid(starts, self.token_seconds, self.bpm, float(self.beats_a_phrase))[None]

    def roll(self) -> Tensor:
        """[1, T, roll + 1]; all zero without a melody."""
        frames = self.net.config.frames
        size = self.net.config.roll
        if not self.melody:
            return torch.zeros(1, self.tokens, size + 1)
        roll = torch.zeros(2, self.tokens * frames, PITCHES)
        rate = frames / self.token_seconds
        for tone in self.melody:
            pitch = tone.pitch - LOWEST_PITCH
            first = round(tone.start * rate)
            last = max(first + 1, round(tone.end * rate))
            if 0 <= pitch < PITCHES and 0 <= first < roll.shape[1]:
                roll[0, first:last, pitch] = 1
                roll[1, first, pitch] = 1
        roll = roll.view(2, self.tokens, frames, PITCHES).transpose(0, 1).reshape(1, self.tokens, size)
        return torch.cat([roll, torch.ones(1, self.tokens, 1)], dim=-1)


def understood(job: Job, prompt: str, field: str = "prompt") -> Told:
    """The words of a request; what is not known is told in a note.

    Raises:
        BadRequest: no music has that tempo.
    """
    try:
        told = read_words(prompt)
    except ValueError as error:
        raise BadRequest(f"{field}: {error}") from None
    if told.unknown:
        job.notes.append(
            f"Not understood: {', '.join(told.unknown)}. This model knows instruments, moods, genres, a key and a tempo:"
            " slow sad piano with bass in A minor, 70 bpm."
        )
    return told


def tempo_for(job: Job, told: Told) -> float:
    """The tempo that the words say, else one that fits them, drawn by the seed and told in a note."""
    if told.bpm:
        return told.bpm
    speed = next((word for word in told.words if word in ("slow", "fast")), "")
    bpm = float(random.Random(f"tempo {job.spec.seed}").randint(*TEMPI[speed]))
    job.notes.append(f"The words say no tempo; it is {bpm:g} bpm.")
    return bpm


def codec_of(job: Job) -> SoundCodec:
    """The model's code.

    Raises:
        BadRequest: the model makes no music.
    """
    codec: Any = job.model.codec
    if not isinstance(codec, SoundCodec):
        raise BadRequest(f"model: {job.model.card.id} makes no music; choose another model.")
    return codec


def noise_for(job: Job, tokens: int) -> Tensor:
    """[1, C, 1, T] of the seed, or between it and the variation's."""
    shape = (codec_of(job).channels, 1, tokens)
    noise = draw([job.generator], shape)
    share: float = getattr(job.technique, "variation", 0.0)
    if share:
        other = torch.Generator().manual_seed(job.technique.variation_seed)
        noise = slerp(noise, draw([other], shape), share)
    return noise.to(job.model.device)


# --- the loop -------------------------------------------------------------------------------------------------------


def network_of(job: Job) -> Denoiser:
    """The model as a denoiser of rows of tokens."""
    net: MusicNet = job.model.unet

    def network(x: Tensor, t: Tensor, condition: Condition) -> Tensor:
        return net(x, t, condition.hidden, condition.extra["grid"], condition.extra["roll"])

    return denoiser_for(job.schedule, network)


def drawn(
    job: Job,
    x: Tensor,
    levels: Sequence[Level],
    condition: Condition,
    negative: Condition,
    controls: Callable[[], Sequence[Control]] = lambda: (),
    *,
    ring: bool = False,
) -> Steps[Tensor]:
    """x [1, C, 1, T] at levels[0] -> the clean latent, with previews.

    Args:
        controls: the technique's own, outside of guidance where they are `outer`.
        ring: the end leads back to the beginning.
    """
    step = job.solver()
    at, job.runs = 0, job.runs + 1
    if job.saved.tensors and job.saved.run == job.runs:
        x, at = job.saved.tensors["x"].to(job.model.device), job.saved.step
        step.load_state_dict(unpack(job.saved, job.model.device))
    own = list(controls())
    hands: list[Control] = [Windows(job.model.unet.config.tokens, ring=ring)]
    hands += [hand for hand in own if not hand.outer]
    hands += [job.guidance(negative, levels), *(hand for hand in own if hand.outer)]
    states = sample(network_of(job), x, levels, step, condition, hands, start=at)
    with closing(states):
        while state := job.next_state(states):
            x = state.x
            if job.checkpoint.due and state.index < state.total:
                job.checkpoint.save(pack(Saved(job.index, state.index, job.runs), x, step.state_dict()))
            spent = job.seconds["drawing"] / max(state.index - at, 1)
            yield Progress(
                "drawing", state.index, state.total, spent * (state.total - state.index), job.peak()
            )
            if state.index < state.total and job.pace.ready():
                yield Preview(shown(codec_of(job), state.x0), state.index, job.index)
    if step.noise.sources:  # not the one it began with, if the run was resumed
        job.generator = step.noise.sources[0]
    return x


@torch.no_grad()
def shown(codec: SoundCodec, latent: Tensor) -> Clip:
    """A latent [1, C, 1, T] as a picture of its spectrogram, low notes below."""
    levels = codec.decode(latent)[0].cpu().numpy()
    return picture_of_levels(levels)


def picture_of_levels(levels: NDArray[np.float32]) -> Clip:
    """[B, T] dB -> a picture from black over blue and orange to white, rising steadily in brightness."""
    share = np.clip((levels - QUIETEST) / (LOUDEST - QUIETEST), 0, 1)[::-1]
    stops = np.array([[0, 0, 4], [60, 15, 110], [180, 50, 90], [250, 140, 40], [252, 253, 191]], np.float32)
    at = share * (len(stops) - 1)
    low = np.minimum(at.astype(int), len(stops) - 2)
    rest = (at - low)[..., None]
    pixels = np.rint(stops[low] * (1 - rest) + stops[low + 1] * rest).astype(np.uint8)
    return Clip.picture(np.ascontiguousarray(pixels.repeat(PREVIEW_HEIGHT, 0)))


# --- sound ----------------------------------------------------------------------------------------------------------


def heard(job: Job, clip: Clip) -> NDArray[np.float32]:
    """A recording as the model hears it: mono [T] at its rate."""
    return mono(at_rate(clip, codec_of(job).how.rate))


def coded(job: Job, sound: NDArray[np.float32]) -> Tensor:
    """Mono [T] -> its latent [1, C, 1, N]."""
    codec = codec_of(job)
    with job.stage("encoding"):
        levels = torch.from_numpy(picture_of(sound, codec.how))[None].to(job.model.device)
        return codec.encode(levels)


def levels_of(job: Job, latent: Tensor) -> NDArray[np.float32]:
    """A latent -> its levels [bands, T] in dB."""
    with torch.no_grad():
        return codec_of(job).decode(latent)[0].cpu().numpy()


def sounding(
    job: Job, latent: Tensor, *, samples: int | None = None, ring: bool = False, loudness: float | None = None
) -> Steps[Clip]:
    """A clean latent -> sound [samples, 1] at the model's rate and at `loudness` LUFS (None = as it is)."""
    how = codec_of(job).how
    sound = yield from phased(job, levels_of(job, latent), how, ring)
    if samples is not None:
        sound = sound[:samples]
    if loudness is not None:
        length = len(sound)
        # A loop is set among its neighbours, so that the limiter too goes round.
        sound = (
            normalised(np.tile(sound, 3), how.rate, loudness)[length : 2 * length]
            if ring
            else normalised(sound, how.rate, loudness)
        )
    return Clip.sound(np.ascontiguousarray(sound[:, None]), how.rate)


def phased(
    job: Job,
    levels: NDArray[np.float32],
    how: Spectrogram,
    ring: bool = False,
    iterations: int = 0,
) -> Steps[NDArray[np.float32]]:
    """Levels [bands, T] -> sound [n], as the request says, step by step so that it can be stopped.

    iterations: of Griffin-Lim; 0 = as many as are usual.
    """
    iterations = iterations or GRIFFIN_LIM
    if job.technique.vocoder == "diffwave":
        return (yield from vocoded(job, levels, how, ring))
    begin = job.seconds.get("sounding", 0.0)
    with job.stage("sounding"):
        bins = unbanded(magnitudes_of(levels), how)
        now = beginning(bins, job.spec.seed % 2**32)
    steps = nearing(bins, now, how, iterations, ring=ring)
    for done in range(1, iterations + 1):
        with job.stage("sounding"):
            now = next(steps)
        spent = (job.seconds["sounding"] - begin) / done
        yield Progress("sounding", done, iterations, spent * (iterations - done), job.peak())
    return sound_of(now, how, ring=ring)


def vocoded(
    job: Job, levels: NDArray[np.float32], how: Spectrogram, ring: bool = False
) -> Steps[NDArray[np.float32]]:
    """The same by the vocoder.

    Raises:
        BadRequest: there is none, or it knows another kind of spectrogram.
    """
    voice = job.vocoder()
    net: DiffWave = voice.unet
    if net.how != how:
        raise BadRequest(f"vocoder: {voice.card.id} sounds another kind of spectrogram; choose griffin-lim.")
    total, begin = vocoder.STEPS + vocoder.MENDING, job.seconds.get("sounding", 0.0)

    def told(done: int) -> Progress:
        left = (job.seconds["sounding"] - begin) / done * (total - done)
        return Progress("sounding", done, total, left, job.peak())

    with job.stage("sounding"):
        bins = vocoder.sharpened(net, levels, ring)
        states = vocoder.diffused(net, Schedule.from_config(voice.noise), bins, job.spec.seed, ring=ring)
    x = bins
    with closing(states):
        for done in range(1, vocoder.STEPS + 1):
            with job.stage("sounding"):
                x = next(states).x
            yield told(done)
    with job.stage("sounding"):
        size, now = vocoder.begun(net, x, bins, ring)
    steps = nearing(size, now, how, vocoder.MENDING, ring=ring)
    for done in range(vocoder.STEPS + 1, total + 1):
        with job.stage("sounding"):
            now = next(steps)
        yield told(done)
    return sound_of(now, how, ring=ring)


def scaled_noise(job: Job, tokens: int, levels: Sequence[Level]) -> Tensor:
    """All noise, as it stands at the first level."""
    return noise_for(job, tokens) * math.hypot(levels[0].alpha, levels[0].sigma)


def silence(codec: SoundCodec, tokens: int, device: torch.device) -> Tensor:
    """The latent [1, C, 1, T] of nothing."""
    return codec.encode(torch.full((1, codec.how.rows, tokens * codec.frames), FLOOR, device=device))
