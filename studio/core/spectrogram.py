"""Sound as a picture and back: magnitude, mel and note spectrograms, Griffin-Lim, phase kept from a recording.

Symbols: T frames, F frequency bins, B bands, n samples. A `Spectrogram` says how sound is looked at, in Hz and ms; sample counts
follow from it. A spectrum is complex64 [F, T]; a magnitude float32 [F, T], scaled so that a sine of amplitude 1 peaks at 1; bands
are float32 [B, T] of mean magnitudes; a level is a magnitude in decibels, 0 dB = that sine, cut off at FLOOR.

The scale "mel" spaces bands evenly in Slaney's mels, "note" in semitones (the 12th root of 2), "linear" keeps the bins. On the note
scale a key change is a shift and every octave has the same room; at its low end, where semitones are narrower than a bin, bands
are a bin wide and overlap.

Back to sound: bands become bins by non-negative least squares (Lee & Seung 2001, eq. 4), bins get their phase by Griffin-Lim
with momentum (Perraudin, Balazs & Søndergaard 2013, algorithm 2). Where a recording was edited, its own phase is the start, and
frames and bins that were not touched keep their spectrum, so that only what changed has to find a phase.

scipy.fft and not torch: in float32 on a CPU both take the same time per transform, and the window's process has no torch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Scale = Literal["linear", "mel", "note"]
Floats = NDArray[np.float32]
Spectrum = NDArray[np.complex64]


class _Later:
    """scipy.fft, imported when it is first used: that takes half a second, which the window's own thread does not have."""

    def __getattr__(self, name: str) -> Any:
        import scipy.fft  # pyright: ignore[reportMissingTypeStubs]

        library: Any = scipy.fft
        value = getattr(library, name)
        setattr(self, name, value)
        return value


fft: Any = _Later()

FLOOR = -80.0
"""Decibels."""
A4, A4_NOTE = 440.0, 69
NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
MOMENTUM = 0.99
"""Perraudin et al. find 0.99 best."""
EPSILON = 1e-9


@dataclass(frozen=True)
class Spectrogram:
    """How sound is looked at.

    Args:
        rate: samples a second.
        window_ms: length of the (Hann) window.
        hop_ms: from one frame to the next; at most half the window, else sound cannot be made from it.
        scale: spacing of the bands.
        bands: how many; not asked for when linear.
        low, high: frequencies of the first and last band, in Hz; `high` = 0 means half the rate.
    """

    rate: float = 22050
    window_ms: float = 120.0
    hop_ms: float = 20.0
    scale: Scale = "linear"
    bands: int = 0
    low: float = 0.0
    high: float = 0.0

    def __post_init__(self) -> None:
        if not self.rate > 0 or not 0 < 2 * self.hop_ms <= self.window_ms or self.window < 16 or self.hop < 1:
            raise ValueError(
                f"A window of {self.window_ms:g} ms every {self.hop_ms:g} ms at {self.rate:g} Hz does not cover the sound; the hop must"
                " be at most half the window."
            )
        if self.scale != "linear":
            if self.bands < 2 or not 0 <= self.low < self.top <= self.rate / 2:
                raise ValueError(
                    f"{self.bands} bands from {self.low:g} to {self.top:g} Hz are not possible at {self.rate:g} Hz."
                )
            if self.scale == "note" and self.low <= 0:
                raise ValueError("The note scale must begin above 0 Hz.")

    @property
    def hop(self) -> int:
        """Samples."""
        return round(self.rate * self.hop_ms / 1000)

    @property
    def window(self) -> int:
        """Samples, even."""
        return 2 * round(self.rate * self.window_ms / 2000)

    @property
    def bins(self) -> int:
        """F"""
        return self.window // 2 + 1

    @property
    def rows(self) -> int:
        """Height of the picture: bands, or bins when linear."""
        return self.bins if self.scale == "linear" else self.bands

    @property
    def top(self) -> float:
        """Hz."""
        return self.high or self.rate / 2

    @property
    def frame_rate(self) -> float:
        """Frames a second."""
        return self.rate / self.hop

    def frames(self, samples: int) -> int:
        """T of a sound of `samples`; frame i is centred on sample i hop."""
        return 1 + samples // self.hop

    def frequencies(self) -> NDArray[np.float64]:
        """[rows] Hz: the middle of every row, rising."""
        if self.scale == "linear":
            return np.arange(self.bins) * self.rate / self.window
        if self.scale == "note":
            return np.geomspace(self.low, self.top, self.bands)
        return hz_of_mel(np.linspace(mel_of_hz(self.low), mel_of_hz(self.top), self.bands + 2)[1:-1])

    def row_of(self, hz: float) -> float:
        """The row, with a fraction, that a frequency falls on; beyond the ends it is cut off."""
        return float(np.interp(hz, self.frequencies(), np.arange(self.rows)))


# --- scales ---------------------------------------------------------------------------------------------------------


def mel_of_hz(hz: ArrayLike) -> NDArray[np.float64]:
    """Slaney's mel scale (Auditory Toolbox, 1998): linear up to 1000 Hz, logarithmic above."""
    at = np.asarray(hz, np.float64)
    return np.where(at < 1000, at * 3 / 200, 15 + 27 * np.log(np.maximum(at, 1e-3) / 1000) / np.log(6.4))


def hz_of_mel(mel: ArrayLike) -> NDArray[np.float64]:
    """The inverse of `mel_of_hz`."""
    at = np.asarray(mel, np.float64)
    return np.where(at < 15, at * 200 / 3, 1000 * np.exp((at - 15) * np.log(6.4) / 27))


def note_of_hz(hz: float) -> float:
    """MIDI number, with a fraction; A4 = 440 Hz = 69."""
    return A4_NOTE + 12 * float(np.log2(hz / A4))


def hz_of_note(note: float) -> float:
    """The inverse of `note_of_hz`."""
    return A4 * 2 ** ((note - A4_NOTE) / 12)


def note_name(hz: float) -> str:
    """As in C♯4, the nearest note."""
    note = round(note_of_hz(hz))
    return f"{NAMES[note % 12]}{note // 12 - 1}"


# --- there ----------------------------------------------------------------------------------------------------------


@cache
def _hann(length: int) -> Floats:
    """Periodic: shifted copies of its square sum to a constant."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(np.float32)


def spectrum(sound: Floats, how: Spectrogram, ring: bool = False) -> Spectrum:
    """[n] mono -> complex64 [F, T]; beyond its ends the sound is silent, or begins again where it is a `ring` (a loop of whole
    hops, T = n / hop then)."""
    half, hop, window = how.window // 2, how.hop, how.window
    if ring:
        frames = len(sound) // hop
        index = np.arange(-half, (frames - 1) * hop + window - half) % (frames * hop)
        padded = sound[index]
    else:
        frames = how.frames(len(sound))
        padded = np.zeros((frames - 1) * hop + window, np.float32)
        held = sound[: len(padded) - half]
        padded[half : half + len(held)] = held
    pieces = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]  # [T, window]
    out: Spectrum = fft.rfft(pieces * (_hann(window) * (4 / window)), axis=1)
    return np.ascontiguousarray(out.T, np.complex64)


def sound_of(spectrum: Spectrum, how: Spectrogram, samples: int | None = None, ring: bool = False) -> Floats:
    """complex [F, T] -> [n], the sound whose spectrum is nearest (Griffin & Lim 1984, eq. 6). n = (T - 1) hop unless given,
    T hop in a `ring`."""
    half, hop, window = how.window // 2, how.hop, how.window
    frames = spectrum.shape[1]
    pieces: Floats = fft.irfft(spectrum.T, n=window, axis=1) * (_hann(window) * (window / 4))  # [T, window]
    if ring:
        length = frames * hop
        sums = _ringed(_overlapped(pieces, hop), length, half)
        return sums / _ringed(_squares(frames, window, hop), length, half)
    out = _overlapped(pieces, hop) / np.maximum(_squares(frames, window, hop), 1e-3)
    length = (frames - 1) * hop if samples is None else samples
    sound = np.zeros(length, np.float32)
    part = out[half : half + length]
    sound[: len(part)] = part
    return sound


def _ringed(line: Floats, length: int, half: int) -> Floats:
    """What reaches over the ends of a loop comes in at the other end."""
    whole = -(-len(line) // length) * length
    folded = np.pad(line, (0, whole - len(line))).reshape(-1, length).sum(0)
    return np.roll(folded, -half)


def _overlapped(pieces: Floats, hop: int) -> Floats:
    """[T, W] laid one over the other every `hop` samples -> [(T - 1) hop + W, rounded up to whole hops]."""
    frames, window = pieces.shape
    parts = -(-window // hop)
    whole = np.zeros((frames, parts * hop), np.float32)
    whole[:, :window] = pieces
    whole = whole.reshape(frames, parts, hop)
    out = np.zeros((frames + parts - 1, hop), np.float32)
    for i in range(parts):
        out[i : i + frames] += whole[:, i]
    return out.ravel()


@lru_cache(maxsize=4)
def _squares(frames: int, window: int, hop: int) -> Floats:
    """What overlapping squared windows sum to."""
    return _overlapped(np.broadcast_to(_hann(window) ** 2, (frames, window)), hop)


def magnitude(sound: Floats, how: Spectrogram) -> Floats:
    """[n] mono -> float32 [F, T]"""
    return np.abs(spectrum(sound, how))


@cache
def filters(how: Spectrogram) -> Floats:
    """[B, F]: every row is one band's triangle over the bins; rows sum to 1."""
    if how.scale == "linear":
        raise ValueError("A linear spectrogram has bins, not bands.")
    bins = np.arange(how.bins) * how.rate / how.window
    width = how.rate / how.window
    if how.scale == "note":
        centres = how.frequencies()
        ratio = centres[1] / centres[0]
        below, above = centres / ratio, centres * ratio
    else:
        edges = hz_of_mel(np.linspace(mel_of_hz(how.low), mel_of_hz(how.top), how.bands + 2))
        below, centres, above = edges[:-2], edges[1:-1], edges[2:]
    below, above = np.minimum(below, centres - width), np.maximum(above, centres + width)
    rising = (bins[None] - below[:, None]) / (centres - below)[:, None]
    falling = (above[:, None] - bins[None]) / (above - centres)[:, None]
    weights = np.clip(np.minimum(rising, falling), 0, None)
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def banded(magnitude: Floats, how: Spectrogram) -> Floats:
    """Bins [F, T] -> bands [B, T]; unchanged when linear."""
    return magnitude if how.scale == "linear" else filters(how) @ magnitude


def picture_of(sound: Floats, how: Spectrogram) -> Floats:
    """[n] mono -> [rows, T] levels in dB from FLOOR to about 0, low frequencies first."""
    return levels(banded(magnitude(sound, how), how))


def levels(magnitude: Floats) -> Floats:
    """Magnitudes -> decibels, not below FLOOR."""
    return (20 * np.log10(np.maximum(magnitude, 10 ** (FLOOR / 20)))).astype(np.float32)


def magnitudes(levels: Floats) -> Floats:
    """Decibels -> magnitudes; the floor becomes silence."""
    return np.where(levels <= FLOOR + 1e-3, 0, 10 ** (levels / 20)).astype(np.float32)


# --- and back -------------------------------------------------------------------------------------------------------


def unbanded(bands: Floats, how: Spectrogram, iterations: int = 30) -> Floats:
    """Bands [B, T] -> bins [F, T], non-negative, whose bands come near; unchanged when linear."""
    if how.scale == "linear":
        return bands
    W = filters(how)
    spread = W.sum(0)[:, None]  # [F, 1]
    bins = (W.T @ bands) / np.maximum(spread, EPSILON)
    target = W.T @ bands
    gram = W.T @ W if how.bins < 4 * how.bands else None
    for _ in range(iterations):
        now = gram @ bins if gram is not None else W.T @ (W @ bins)
        bins *= target / (now + EPSILON)
    return bins.astype(np.float32)


def griffin_lim(
    magnitude: Floats,
    how: Spectrogram,
    iterations: int = 32,
    *,
    start: Spectrum | None = None,
    kept: NDArray[np.bool_] | None = None,
    samples: int | None = None,
    seed: int = 0,
    ring: bool = False,
) -> Floats:
    """Bins [F, T] -> sound [n] whose magnitudes come near.

    Args:
        start: a spectrum [F, T] whose phase to begin with, such as that of the recording that was edited; None = phases by chance.
        kept: [F, T] where `start` is kept as it is, phase and all; None = nowhere.
        samples: n; None = (T - 1) hop, T hop in a ring.
        ring: whether the sound's end leads back to its beginning.
    """
    now = magnitude * (_chance(magnitude, seed) if start is None else phases(start))
    if kept is not None and start is not None:
        now[kept] = start[kept]
    steps = nearing(magnitude, now, how, iterations, start=start, kept=kept, samples=samples, ring=ring)
    last = deque(steps, maxlen=1)
    return sound_of(last[0] if last else now, how, samples, ring)


def nearing(
    magnitude: Floats,
    now: Spectrum,
    how: Spectrogram,
    iterations: int,
    *,
    start: Spectrum | None = None,
    kept: NDArray[np.bool_] | None = None,
    samples: int | None = None,
    ring: bool = False,
) -> Iterator[Spectrum]:
    """Griffin-Lim step by step: yields spectra [F, T] of the right magnitude and ever better phase, `now` being the first of all."""
    previous = np.zeros_like(now)
    for _ in range(iterations):
        consistent = spectrum(sound_of(now, how, samples, ring), how, ring)[:, : now.shape[1]]
        if consistent.shape[1] < now.shape[1]:
            consistent = np.pad(consistent, ((0, 0), (0, now.shape[1] - consistent.shape[1])))
        ahead: Spectrum = np.asarray(consistent + MOMENTUM * (consistent - previous), np.complex64)
        now = magnitude * phases(ahead)
        if kept is not None and start is not None:
            now[kept] = start[kept]
        previous = consistent
        yield now


def _chance(magnitude: Floats, seed: int) -> Spectrum:
    turns = np.random.default_rng(seed).random(magnitude.shape, np.float32)
    return np.exp(2j * np.pi * turns).astype(np.complex64)


def beginning(magnitude: Floats, seed: int = 0) -> Spectrum:
    """What `nearing` begins with where nothing is known: phases by chance."""
    return magnitude * _chance(magnitude, seed)


def phases(spectrum: Spectrum) -> Spectrum:
    """The same, of magnitude 1; 1 where there is nothing."""
    size = np.abs(spectrum)
    return np.divide(spectrum, size, out=np.ones_like(spectrum), where=size > 1e-12)


def sound_of_picture(
    levels: Floats,
    how: Spectrogram,
    iterations: int = 32,
    *,
    samples: int | None = None,
    seed: int = 0,
) -> Floats:
    """Levels [rows, T] -> sound [n], phases found from nothing."""
    bins = unbanded(magnitudes(levels), how)
    return griffin_lim(bins, how, iterations, samples=samples, seed=seed)


def edited(
    sound: Floats,
    before: Floats,
    after: Floats,
    how: Spectrogram,
    iterations: int = 32,
    *,
    changed: float = 0.5,
) -> Floats:
    """The recording [n] with its picture changed from `before` to `after` (levels [rows, T]); it keeps its phase.

    Every bin is made louder or softer as its bands were, so that what lies between the bands survives; where nothing changed
    by more than `changed` dB the spectrum is the recording's own. Samples that no changed frame reaches are returned bit for bit.
    """
    original = spectrum(sound, how)
    frames = min(original.shape[1], before.shape[1], after.shape[1])
    original = original[:, :frames]
    gain = after[:, :frames] - before[:, :frames]  # dB, per row
    touched = np.abs(gain) > changed
    if not touched.any():
        return sound.copy()
    wanted, kept = _changed_bins(original, before[:, :frames], after[:, :frames], touched, how)
    made = griffin_lim(wanted, how, iterations, start=original, kept=kept, samples=len(sound))
    near = np.zeros(len(sound), bool)
    half = how.window // 2
    for frame in np.flatnonzero(touched.any(0)):
        near[max(0, frame * how.hop - half) : frame * how.hop + half] = True
    return np.where(near, made, sound).astype(np.float32)


def _changed_bins(
    original: Spectrum, before: Floats, after: Floats, touched: NDArray[np.bool_], how: Spectrogram
) -> tuple[Floats, NDArray[np.bool_]]:
    """(magnitudes [F, T] that the edit asks for, where the recording's own spectrum stays)."""
    size = np.abs(original)
    if how.scale == "linear":
        return np.where(touched, magnitudes(after), size), ~touched
    W = filters(how)
    share = W / np.maximum(W.sum(0, keepdims=True), EPSILON)  # [B, F]: whose bin it is
    moved = share.T @ touched.astype(np.float32)  # [F, T], how much of a bin belongs to touched bands
    new = unbanded(magnitudes(after), how)
    # Where the recording has something, its fine structure is scaled; where it has nothing, the bands alone say what there is.
    old = unbanded(magnitudes(before), how)
    scaled = size * np.minimum(new / np.maximum(old, EPSILON), 4.0)
    grown = (share.T @ np.maximum(after - before, 0)) > 6.0
    wanted = np.where(grown, np.maximum(scaled, new), scaled)
    return (moved * wanted + (1 - moved) * size).astype(np.float32), moved < 0.01


# --- how good -------------------------------------------------------------------------------------------------------


def spectral_convergence(sound: Floats, magnitude: Floats, how: Spectrogram) -> float:
    """|| |STFT(sound)| - magnitude || / || magnitude || (Sturmel & Daudet 2011), lower is better; 0.1 is -20 dB."""
    got = np.abs(spectrum(sound, how))
    frames = min(got.shape[1], magnitude.shape[1])
    error = np.linalg.norm(got[:, :frames] - magnitude[:, :frames])
    return float(error / max(float(np.linalg.norm(magnitude)), EPSILON))


def log_spectral_distance(a: Floats, b: Floats, how: Spectrogram) -> float:
    """Mean over frames of the root mean square difference of two sounds' levels over bins, in dB (Rabiner & Juang 1993)."""
    la, lb = levels(magnitude(a, how)), levels(magnitude(b, how))
    frames = min(la.shape[1], lb.shape[1])
    return float(np.sqrt(np.mean((la[:, :frames] - lb[:, :frames]) ** 2, axis=0)).mean())
