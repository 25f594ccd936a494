"""Notes -> sound, by a synthesiser that can be exchanged.

`SoundfontSynth` plays a General MIDI soundfont with tinysoundfont (an optional package; `pip install --no-deps tinysoundfont`,
and a soundfont such as Debian's timgm6mb-soundfont): what models are trained and scored on. `AdditiveSynth` needs neither: sums
of harmonics with an envelope per instrument, for tests and machines without a soundfont.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from studio.bench.music_world.compose import bass_program, program
from studio.bench.music_world.facts import Piece

RATE = 22050
LOUDNESS = 0.1
"""Root mean square of every rendered piece."""
PLACES = ("/usr/share/sounds/sf2/TimGM6mb.sf2", "/usr/share/sounds/sf2/FluidR3_GM.sf2")
CHANNELS = {"melody": 0, "chords": 1, "bass": 2, "drums": 9}
DRUM_BANK = 128

Sound = NDArray[np.float32]


class Synth(Protocol):
    """Plays notes."""

    def play(self, piece: Piece, seconds: float, lead_in: float) -> Sound:
        """[T] float32 mono at RATE, of `seconds`, the first beat at `lead_in`."""
        ...


class SoundfontSynth:
    """Raises ImportError without tinysoundfont, FileNotFoundError without a soundfont."""

    oversampled = 2

    def __init__(self, soundfont: str | Path | None = None) -> None:
        import tinysoundfont  # type: ignore[reportMissingImports]

        self.library = tinysoundfont
        places = [soundfont or os.environ.get("STUDIO_SOUNDFONT"), *PLACES]
        found = next((Path(place) for place in places if place and Path(place).is_file()), None)
        if found is None:
            raise FileNotFoundError("no General MIDI soundfont found; set STUDIO_SOUNDFONT to one")
        self.synth: Any = tinysoundfont.Synth(samplerate=self.oversampled * RATE, gain=-6)
        self.font = self.synth.sfload(str(found))

    def preset(self, piece: Piece, part: str) -> int:
        """The General MIDI program of a part that is not drums."""
        return bass_program(piece) if part == "bass" else program(piece)

    def play(self, piece: Piece, seconds: float, lead_in: float = 0.0) -> Sound:
        import soxr

        synth = self.synth
        rate = self.oversampled * RATE
        synth.sounds_off()
        for part, channel in CHANNELS.items():
            if part == "drums":
                synth.program_select(channel, self.font, DRUM_BANK, 0, True)
            else:
                synth.program_select(channel, self.font, 0, self.preset(piece, part))
        # The oscillators read their samples by linear interpolation, so they run at twice the rate and are filtered down.
        events = [(n.start + lead_in, 1, n) for n in piece.notes] + [
            (n.end + lead_in, 0, n) for n in piece.notes
        ]
        events.sort(key=lambda e: (e[0], e[1]))
        total, at = round(seconds * rate), 0
        pieces: list[Sound] = []
        for time, on, note in events:
            until = min(round(time * rate), total)
            if until > at:
                pieces.append(_copy(synth.generate(until - at)))
                at = until
            if at >= total:
                break
            channel = CHANNELS[note.part]
            if on:
                synth.noteon(channel, note.pitch, note.velocity)
            else:
                synth.noteoff(channel, note.pitch)
        if at < total:
            pieces.append(_copy(synth.generate(total - at)))
        synth.sounds_off()
        return soxr.resample(np.concatenate(pieces), rate, RATE).astype(np.float32)


def _copy(view: Any) -> Sound:
    """Stereo samples in turn -> mono."""
    return np.frombuffer(bytes(view), np.float32).reshape(-1, 2).mean(1)


class AdditiveSynth:
    """Harmonics with an envelope; noise for drums. Deterministic, no files."""

    TIMBRES: dict[int, tuple[float, tuple[float, ...]]] = {
        0: (0.5, (1, 0.5, 0.3, 0.2, 0.1)),
        24: (0.35, (1, 0.7, 0.4, 0.3, 0.2, 0.1)),
        19: (9.0, (1, 0.8, 0.1, 0.7, 0.1, 0.4)),
        48: (9.0, (1, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2)),
        73: (9.0, (1, 0.15, 0.05)),
        56: (9.0, (0.6, 0.9, 1, 0.8, 0.6, 0.4, 0.3)),
        12: (0.15, (1, 0.0, 0.0, 0.6)),
        10: (0.6, (1, 0.05, 0.0, 0.0, 0.5)),
        81: (9.0, tuple(1 / k for k in range(1, 13))),
        52: (9.0, (1, 0.4, 0.1, 0.05)),
    }
    """Program -> (seconds in which it dies away, strengths of the harmonics)."""
    BASS = (0.6, (1, 0.6, 0.3, 0.1))

    def play(self, piece: Piece, seconds: float, lead_in: float = 0.0) -> Sound:
        out = np.zeros(round(seconds * RATE) + RATE, np.float32)
        noise = np.random.default_rng(0).standard_normal(RATE // 5).astype(np.float32)
        for note in piece.notes:
            first = round((note.start + lead_in) * RATE)
            if first >= len(out) - RATE:
                continue
            gain = 0.1 * (note.velocity / 127) ** 2
            if note.part == "drums":
                sound = gain * _drum(note.pitch, noise)
            else:
                timbre = self.BASS if note.part == "bass" else self.TIMBRES[program(piece)]
                sound = gain * _tone(note.pitch, note.end - note.start, *timbre)
            last = min(first + len(sound), len(out))
            out[first:last] += sound[: last - first]
        return out[: round(seconds * RATE)]


def _tone(pitch: int, length: float, decay: float, harmonics: tuple[float, ...]) -> Sound:
    t = np.arange(round((length + 0.08) * RATE), dtype=np.float32) / RATE
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    wave = sum(
        s * np.sin(2 * np.pi * hertz * (k + 1) * t)
        for k, s in enumerate(harmonics)
        if s and hertz * (k + 1) < RATE / 2.2
    )
    envelope = np.minimum(t / 0.005, 1) * np.exp(-t / decay) * np.clip((length + 0.08 - t) / 0.08, 0, 1)
    return (wave * envelope).astype(np.float32)


def _drum(key: int, noise: Sound) -> Sound:
    t = np.arange(len(noise), dtype=np.float32) / RATE
    if key == 36:
        return (3 * np.sin(2 * np.pi * (50 * t + 4 * (1 - np.exp(-t / 0.02)))) * np.exp(-t / 0.06)).astype(
            np.float32
        )
    decay = {38: 0.06, 39: 0.05, 42: 0.015, 46: 0.08, 49: 0.15, 51: 0.1, 37: 0.02}.get(key, 0.05)
    shaped = noise if key in (38, 39, 37) else np.diff(noise, prepend=noise[:1])
    return (shaped * np.exp(-t / decay)).astype(np.float32)


@cache
def best_synth() -> Synth:
    """The soundfont's where there is one, else the additive one."""
    try:
        return SoundfontSynth()
    except (ImportError, FileNotFoundError):
        return AdditiveSynth()


@cache
def soundfont_synth() -> SoundfontSynth:
    """What models are trained and scored on; it raises what `SoundfontSynth` raises, where `best_synth` falls back in silence."""
    return SoundfontSynth()


def render(piece: Piece, seconds: float, synth: Synth | None = None, lead_in: float = 0.0) -> Sound:
    """[T] float32 mono at RATE, of one loudness; peaks above 1 are bent, not cut."""
    sound = (synth or best_synth()).play(piece, seconds, lead_in)
    level = float(np.sqrt(np.mean(sound**2)))
    return np.tanh(sound * (LOUDNESS / max(level, 1e-6))).astype(np.float32)
