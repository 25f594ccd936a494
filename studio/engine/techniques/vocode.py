"""A sound by its spectrogram alone: its levels are what the model hears, its phases are found anew by Griffin-Lim."""

from __future__ import annotations

import numpy as np

from studio.core.clip import Clip
from studio.core.job import Progress
from studio.core.spectrogram import beginning, log_spectral_distance, magnitudes, nearing, sound_of, unbanded
from studio.engine.job import Job, Steps
from studio.engine.music import codec_of
from studio.engine.recordings import gained, recording


def run(job: Job) -> Steps[Clip]:
    codec, heard = codec_of(job), recording(job)
    how, total = codec.how, job.technique.iterations
    with job.stage("sounding"):
        bins = unbanded(magnitudes(gained(heard.levels, -heard.gain)), how)
        now = beginning(bins, job.spec.seed % 2**32)
    steps = nearing(bins, now, how, total)
    for done in range(1, total + 1):
        with job.stage("sounding"):
            now = next(steps)
        yield Progress("sounding", done, total, memory=job.peak())
    sound = sound_of(now, how)[: len(heard.sound)]
    distance = log_spectral_distance(sound, heard.sound, how)
    job.notes.append(f"It is {distance:.1f} dB away from the recording (log-spectral distance).")
    return Clip.sound(np.ascontiguousarray(sound[:, None]), how.rate)
