"""A sound by its spectrogram alone: its levels are what the model hears, all else is found anew, by DiffWave or by Griffin-Lim."""

from __future__ import annotations

import numpy as np

from studio.core.clip import Clip
from studio.core.spectrogram import log_spectral_distance
from studio.engine.job import Job, Steps
from studio.engine.music import codec_of, phased
from studio.engine.recordings import gained, recording


def run(job: Job) -> Steps[Clip]:
    how, heard = codec_of(job).how, recording(job)
    levels = gained(heard.levels, -heard.gain)
    sound = yield from phased(job, levels, how, iterations=job.technique.iterations)
    sound = sound[: len(heard.sound)]
    distance = log_spectral_distance(sound, heard.sound, how)
    job.notes.append(f"It is {distance:.1f} dB away from the recording (log-spectral distance).")
    return Clip.sound(np.ascontiguousarray(sound[:, None]), how.rate)
