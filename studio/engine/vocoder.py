"""Levels of a note spectrogram -> sound, by the vocoder of `nets.diffwave` and a few steps of Griffin-Lim.

    states = diffused(net, schedule, bins, seed)      the loop: fine structure and phases, from noise
    ...                                                a State per step, so that it can be stopped and shown
    size, now = begun(net, x, bins)                    for `nearing` of core.spectrogram

A network of few parameters leaves a little noise in what should be silent. So the sharpened spectrogram has the last word on how
loud every bin is: the drawn sound gives the phases to begin with, and Griffin-Lim makes the two agree. Eight iterations would do for
the log-spectral distance; with 32 it is as low as from phases by chance, and attacks keep their place better.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.spectrogram import FLOOR, Spectrum, magnitudes, nearing, phases, sound_of, spectrum
from studio.engine.condition import Condition
from studio.engine.denoiser import denoiser_for
from studio.engine.nets.diffwave import PERIOD, DiffWave, imdct
from studio.engine.sample import State, sample
from studio.engine.schedule import Schedule
from studio.engine.steps import make_step

Floats = NDArray[np.float32]

STEPS = 6
MENDING = 32
"""Iterations of Griffin-Lim afterwards."""
PIECE = 400
"""Frames that the network reads at once."""


@torch.no_grad()
def sharpened(net: DiffWave, levels: Floats, ring: bool = False) -> Tensor:
    """Levels of bands [bands, T] in dB -> of bins [1, F, T]."""
    reach = 8
    line = np.pad(levels, ((0, 0), (reach, reach)), "wrap" if ring else "edge").astype(np.float32)
    told = torch.from_numpy(line).to(net.device)[None]
    parts = [
        net.sharpen(told[:, :, max(0, i - reach) : i + PIECE + reach])[:, :, i - max(0, i - reach) :][
            :, :, :PIECE
        ]
        for i in range(0, line.shape[1], PIECE)
    ]
    return torch.cat(parts, 2)[:, :, reach:-reach].clamp(FLOOR, 20.0)


def diffused(
    net: DiffWave, schedule: Schedule, bins: Tensor, seed: int = 0, steps: int = STEPS, ring: bool = False
) -> Generator[State, None, None]:
    """States of whitened coefficients [1, 1, T, hop], from the seed's noise on."""
    T = bins.shape[2]
    reach = net.reach
    before, after = reach, reach + -T % PERIOD
    index = torch.arange(-before, T + after, device=bins.device)
    index = index % T if ring else index.clamp(0, T - 1)
    inside = (torch.arange(-before, T + after, device=bins.device) % T == index) | ring

    def network(x: Tensor, t: Tensor, condition: Condition) -> Tensor:
        wide, told = x[0, 0][index] * inside[:, None], bins[:, :, index]
        out = torch.empty_like(x)
        for first in range(0, T, PIECE):
            last = min(first + PIECE + -min(PIECE, T - first) % PERIOD, len(index) - before - reach)
            piece = slice(first, last + before + reach)
            v = net(wide[None, piece], t, net.hints(told[:, :, piece]))[0, before:]
            count = min(PIECE, T - first)
            out[0, 0, first : first + count] = v[:count]
        return out

    noise = torch.randn(T, net.config.hop, generator=torch.Generator().manual_seed(seed))
    x = noise[None, None].to(bins.device, torch.float32)
    return sample(
        denoiser_for(schedule, network),
        x,
        schedule.levels(steps),
        make_step("ddim"),
        Condition(torch.zeros(1, 1, 1)),
    )


@torch.no_grad()
def begun(net: DiffWave, x: Tensor, bins: Tensor, ring: bool = False) -> tuple[Floats, Spectrum]:
    """Clean coefficients [1, 1, T, hop] and sharpened levels [1, F, T] -> what Griffin-Lim needs: magnitudes [F, T] to come near
    to, and the spectrum [F, T] to begin with."""
    how = net.how
    drawn = imdct(x[:, 0].float() * net.envelope(bins), how.hop, ring)[0].cpu().numpy()
    size = magnitudes(bins[0].cpu().numpy())
    return size, size * phases(spectrum(drawn, how, ring))


def vocoded(
    net: DiffWave, schedule: Schedule, levels: Floats, seed: int = 0, steps: int = STEPS, ring: bool = False
) -> Floats:
    """All of it at once: levels [bands, T] in dB -> sound [n], n = (T - 1) hop, T hop in a ring."""
    bins = sharpened(net, levels, ring)
    last = deque(diffused(net, schedule, bins, seed, steps, ring), maxlen=1)
    size, now = begun(net, last[0].x, bins, ring)
    mended = deque(nearing(size, now, net.how, MENDING, ring=ring), maxlen=1)
    return sound_of(mended[0], net.how, ring=ring)
