"""How well music is made: words and tunes against what an ear hears, seams, speed, and the way from picture to sound.

Captions are of combinations that training never had. Every number stands beside its floor (silence, the same pieces against captions
dealt at random) and its ceiling (true renders). The ear is a network trained apart. What a part needs and is not here (a model, a soundfont,
librosa) is said, and the part left out.

Sounds that the vocoder never heard: held-out pieces on the soundfont that it was trained on, and on another one, which no training here uses.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from studio.bench.music_world import Piece, SoundfontSynth, caption, piece_of, render
from studio.core import paths
from studio.core.clip import Clip
from studio.core.job import BadRequest, Failed, JobSpec, Melody2Music, Result, Source, Text2Music
from studio.core.sound import at_rate, mono
from studio.core.spectrogram import (
    Spectrogram,
    griffin_lim,
    log_spectral_distance,
    magnitude,
    magnitudes,
    picture_of,
    spectral_convergence,
    unbanded,
)
from studio.engine.codecs.sound import LOWEST_NOTE, NOTES

if TYPE_CHECKING:
    from studio.engine.engine import Engine
    from studio.engine.nets.ear import Ear, Heard

Floats = NDArray[np.float32]
Table = dict[str, dict[str, float]]

FIRST_SEED = 9_000_000
SECONDS = 10.0
OTHER_FONTS = ("/usr/share/sounds/sf2/FluidR3_GM.sf2",)
"""Soundfonts that no training uses."""
FINE = Spectrogram(22050, 46.4, 11.6)
MEL = Spectrogram(22050, 46.4, 11.6, "mel", 128, 0.0)
NEAR = 0.05
"""Seconds that a note may be off."""
RISE, WITHIN = 6.0, 0.04
"""Decibels by which a note's band must grow where it begins, and in how many seconds."""
AMONG, LOWEST_MELODY, HIGHEST_MELODY = 14.0, 64, 97
"""How many decibels below the loudest of these pitches a note may be."""


@dataclass
class Bench:
    """What is here to measure with."""

    engine: Engine
    model: str
    ear: Ear | None
    out: Path | None
    found: dict[str, Any] = field(default_factory=dict[str, Any])
    left_out: list[str] = field(default_factory=list[str])

    def plays(self, ability: str) -> bool:
        return self.model in self.engine.cards and ability in self.engine.cards[self.model].abilities

    def skip(self, name: str, why: str) -> None:
        self.left_out.append(f"{name}: left out, {why}")
        print(f"{name}: left out, {why}", flush=True)

    def tell(self, name: str, table: Table) -> None:
        """Prints rows of numbers and keeps them."""
        columns = list(dict.fromkeys(column for row in table.values() for column in row))
        print(f"\n{name}\n| | " + " | ".join(columns) + " |\n" + "|---" * (len(columns) + 1) + "|")
        for row, values in table.items():
            cells = [f"{values[c]:.4g}" if c in values else "" for c in columns]
            print(f"| {row} | " + " | ".join(cells) + " |", flush=True)
        self.found[name] = table
        if self.out:
            self.out.mkdir(parents=True, exist_ok=True)
            text = json.dumps({**self.found, "left out": self.left_out}, indent=1)
            (self.out / "scores.json").write_text(text, "utf-8")

    def make(self, technique: Any, seed: int) -> tuple[Floats, float]:
        """Mono [n] at the model's rate, and seconds that it took."""
        started = time.perf_counter()
        for event in self.engine.run(JobSpec(technique=technique, model=self.model, seed=seed)):
            if isinstance(event, Failed):
                raise BadRequest(event.message)
            if isinstance(event, Result):
                return mono(at_rate(event.clip, NOTES.rate)), time.perf_counter() - started
        raise BadRequest("The model gave no result.")


# --- words ------------------------------------------------------------------------------------------------------------


def right(heard: Sequence[Heard], pieces: Sequence[Piece]) -> dict[str, float]:
    """Per cent of the pieces whose facts are heard; tempo within 2 %."""
    both = list(zip(heard, pieces, strict=True))
    pitched = [(h, p) for h, p in both if p.lead != "drums"]

    def share(hits: Sequence[bool]) -> float:
        return 100 * float(np.mean(hits)) if hits else float("nan")

    return {
        "tempo": share([abs(h.bpm / p.bpm - 1) <= 0.02 for h, p in both]),
        "key": share([h.key == p.key.lower() for h, p in pitched]),
        "instrument": share([h.lead == p.lead for h, p in both]),
        "bass": share([h.bass == p.bass for h, p in both]),
        "drums": share([h.drums == p.drums for h, p in both]),
        "genre": share([h.genre == p.genre for h, p in both]),
        "mood": share([h.mood == p.mood for h, p in both]),
    }


def listened(ear: Ear, sounds: Sequence[Floats]) -> list[Heard]:
    levels = [
        torch.from_numpy(picture_of(sound, NOTES)[:, : round(SECONDS * NOTES.frame_rate)]) for sound in sounds
    ]
    return [heard for one in levels for heard in ear.listen(one[None])]


def words(bench: Bench, count: int, steps: int | None) -> None:
    """Held-out captions, judged by the ear; the distance of feature sets; speed."""
    ear = bench.ear
    if not bench.plays("text2music"):
        return bench.skip("words", f"{bench.model} is not here")
    pieces = [piece_of(FIRST_SEED + i, "held_out", SECONDS + 1) for i in range(count)]
    sounds: list[Floats] = []
    seconds: list[float] = []
    for i, piece in enumerate(pieces):
        sound, spent = bench.make(Text2Music(prompt=caption(piece), seconds=SECONDS, steps=steps), i)
        sounds.append(sound)
        seconds.append(spent)
        if (i + 1) % 20 == 0:
            print(f"{i + 1} of {count} pieces", flush=True)
    first, *rest = seconds
    bench.tell(
        "speed of 10 s, in s",
        {bench.model: {"first, with loading": first, "median": statistics.median(rest or [first])}},
    )
    if ear is None:
        return bench.skip("words", "there is no ear; train it with models/recipes/ear.py")
    synth = _font()
    if synth is None:
        return bench.skip("words", "there is no soundfont for true renders")
    true = [render(piece, SECONDS, synth) for piece in pieces]
    others = [
        render(piece_of(FIRST_SEED + 500_000 + i, "held_out", SECONDS), SECONDS, synth) for i in range(count)
    ]
    heard, truth = listened(ear, sounds), listened(ear, true)
    order = random.Random(0).sample(pieces, count)
    quiet = listened(ear, [np.zeros(round(SECONDS * NOTES.rate), np.float32)]) * count
    table = {
        bench.model: right(heard, pieces),
        "floor: silence": right(quiet, pieces),
        "floor: shuffled captions": right(heard, order),
        "ceiling: true renders": right(truth, pieces),
    }
    bench.tell(f"words: % heard right of {count} held-out captions", table)
    made, real, half = (
        np.stack([h.features.numpy() for h in one]) for one in (heard, truth, listened(ear, others))
    )
    own, base = frechet(made, half), frechet(real, half)
    bench.tell(
        "feature distance (to true renders of other captions)",
        {
            bench.model: {"distance": own, "times": own / base},
            "true renders": {"distance": base, "times": 1.0},
        },
    )


def frechet(a: NDArray[np.float32], b: NDArray[np.float32], dimensions: int = 16) -> float:
    """See `pictures.frechet`; fewer axes, as a hundred pieces carry no covariance of more."""
    from studio.bench.pictures import frechet as distance

    return distance(a, b, min(dimensions, len(b) // 4))


# --- seams ------------------------------------------------------------------------------------------------------------


def steps_at(sound: Floats, places: Sequence[float], ring: bool = False) -> tuple[float, float]:
    """How far energy and spectral flux at some seconds stand out from the rest of the sound, in standard deviations of what is
    usual there; near 0 = nothing to be noticed. Around each place the largest within 60 ms counts, and so it does elsewhere."""
    levels = np.maximum(picture_of(np.tile(sound, 3) if ring else sound, NOTES), -60)
    length = round(len(sound) / NOTES.hop)
    if ring:
        levels = levels[:, length : 2 * length]
    step = np.abs(np.diff(levels.mean(0), prepend=levels[:, -1].mean() if ring else levels[:, 0].mean()))
    flux = np.maximum(np.diff(levels, axis=1, prepend=levels[:, -1:] if ring else levels[:, :1]), 0).mean(0)
    out: list[float] = []
    reach = 3
    for line in (step, flux):
        wide = np.pad(line, reach, "wrap" if ring else "edge")
        most = np.lib.stride_tricks.sliding_window_view(wide, 2 * reach + 1).max(-1)
        at = [min(round(place * NOTES.frame_rate), len(most) - 1) for place in places]
        out.append(float((most[at].mean() - most.mean()) / max(float(most.std()) / len(at) ** 0.5, 1e-6)))
    return out[0], out[1]


def seams(bench: Bench, count: int, steps: int | None) -> None:
    """Where windows begin and end in a long piece, and where a loop begins again."""
    if not bench.plays("text2music"):
        return bench.skip("seams", f"{bench.model} is not here")
    from studio.engine.controls.windows import Windows

    model = bench.engine._model(bench.engine.cards[bench.model])  # pyright: ignore[reportPrivateUsage]
    codec: Any = model.codec
    length, seconds = model.unet.config.tokens, 30.0
    window = Windows(length)
    ends = {int(place[i]) for place in window.places(codec.tokens(seconds)) for i in (0, -1)}
    inside = sorted(ends)[1:-1]
    places = [end * codec.token_seconds for end in inside]
    rng = random.Random(0)
    chance = [rng.uniform(2, seconds - 2) for _ in places]
    rows: dict[str, list[tuple[float, float]]] = {
        "window borders": [],
        "floor: places by chance": [],
        "loop joint": [],
        "loop, middle": [],
    }
    for i in range(count):
        prompt = caption(piece_of(FIRST_SEED + 900 + i, "held_out", 1))
        long, _ = bench.make(Text2Music(prompt=prompt, seconds=seconds, steps=steps), i)
        rows["window borders"].append(steps_at(long, places))
        rows["floor: places by chance"].append(steps_at(long, chance))
        loop, _ = bench.make(Text2Music(prompt=prompt, seconds=SECONDS, loop=True, steps=steps), i)
        rows["loop joint"].append(steps_at(loop, [0.0], ring=True))
        rows["loop, middle"].append(steps_at(loop, [len(loop) / NOTES.rate / 2], ring=True))
    bench.tell(
        "seams: how far they stand out, in standard deviations (mean, worst)",
        {
            row: {
                "energy": float(np.mean([v[0] for v in values])),
                "flux": float(np.mean([v[1] for v in values])),
                "worst": float(np.max(values)),
            }
            for row, values in rows.items()
        },
    )


# --- tunes ------------------------------------------------------------------------------------------------------------


def notes_heard(sound: Floats, piece: Piece, seconds: float) -> float:
    """Per cent of the melody's notes that begin in the sound within a semitone and 50 ms: the band grows by RISE there, and is then
    among what is loudest where melodies lie.

    Chosen among some forty such rules, before any model was measured, for the largest distance between true renders (86 %) and
    the same renders against another piece's notes (28 %).
    """
    levels = picture_of(sound, NOTES)
    reach, lag = round(NEAR * NOTES.frame_rate), round(WITHIN * NOTES.frame_rate)
    growth = levels[:, lag:] - levels[:, :-lag]
    hits: list[bool] = []
    for note in piece.part("melody"):
        at, row = round(note.start * NOTES.frame_rate), note.pitch - LOWEST_NOTE
        first, last = max(0, at - reach - lag // 2), max(1, at + reach - lag // 2 + 1)
        if note.start + 0.3 > seconds or last + lag > levels.shape[1]:
            continue
        grown = growth[row - 1 : row + 2, first:last].max()
        then = levels[:, first + lag : last + lag]
        loudest = then[LOWEST_MELODY - LOWEST_NOTE : HIGHEST_MELODY - LOWEST_NOTE].max()
        hits.append(bool(grown >= RISE and then[row - 1 : row + 2].max() >= loudest - AMONG))
    return 100 * float(np.mean(hits)) if hits else float("nan")


def tunes(bench: Bench, count: int, steps: int | None) -> None:
    """Melodies of held-out pieces, given as they are sung: by one voice alone."""
    if not bench.plays("melody2music"):
        return bench.skip("tunes", f"{bench.model} plays no melodies, or is not here")
    synth = _font()
    if synth is None:
        return bench.skip("tunes", "there is no soundfont for the tunes")
    import tempfile
    from dataclasses import replace

    from studio.media.clips import save_clip

    drawn = (piece_of(seed, "held_out", SECONDS) for seed in range(FIRST_SEED + 2000, FIRST_SEED + 9000))
    pieces = list(islice((piece for piece in drawn if piece.lead != "drums"), count))
    made: list[Floats] = []
    with tempfile.TemporaryDirectory() as folder:
        for i, piece in enumerate(pieces):
            voice = replace(piece, notes=tuple(piece.part("melody")), lead="flute")
            path = Path(folder) / f"{i}.wav"
            save_clip(Clip.sound(render(voice, SECONDS, synth)[:, None], NOTES.rate), path)
            given = tuple((n.start, n.end, float(n.pitch)) for n in piece.part("melody") if n.end < SECONDS)
            technique = Melody2Music(
                prompt=caption(piece), sound=Source(path=str(path)), notes=given, steps=steps
            )
            made.append(bench.make(technique, i)[0])
    true = [render(piece, SECONDS, synth) for piece in pieces]
    others = [*pieces[1:], pieces[0]]
    bench.tell(
        f"tunes: % of notes within a semitone and 50 ms, {count} tunes",
        {
            bench.model: {"notes": _mean(notes_heard(s, p, SECONDS - 1) for s, p in zip(made, pieces))},
            "floor: the next tune's notes": {
                "notes": _mean(notes_heard(s, p, SECONDS - 1) for s, p in zip(made, others))
            },
            "ceiling: true renders": {
                "notes": _mean(notes_heard(s, p, SECONDS - 1) for s, p in zip(true, pieces))
            },
        },
    )


def _mean(values: Any) -> float:
    return float(np.nanmean(list(values)))


# --- picture to sound -------------------------------------------------------------------------------------------------


def held_out_sounds(count: int) -> dict[str, list[Floats]]:
    """{soundfont: sounds}; {} without one."""
    out: dict[str, list[Floats]] = {}
    for name, synth in (("the soundfont it learnt", _font()), ("another soundfont", _font(OTHER_FONTS))):
        if synth is not None:
            seeds = range(FIRST_SEED + 5000, FIRST_SEED + 5000 + count)
            out[name] = [render(piece_of(seed, "held_out", 6.0), 6.0, synth) for seed in seeds]
    return out


def vocoders(bench: Bench, count: int) -> None:
    """Griffin-Lim and the vocoder on the same spectrograms."""
    card = next((card for card in bench.engine.cards.values() if card.family == "vocoder"), None)
    sounds = held_out_sounds(count)
    if not sounds:
        return bench.skip("vocoder", "there is no soundfont")
    ways: dict[str, Callable[[Floats], Floats]] = {
        "Griffin-Lim, 32 iterations": lambda levels: griffin_lim(unbanded(magnitudes(levels), NOTES), NOTES),
    }
    if card is None:
        bench.skip("vocoder", "no vocoder is here; only Griffin-Lim is measured")
    else:
        from studio.engine import vocoder
        from studio.engine.schedule import Schedule

        voice = bench.engine._vocoder(card.id)  # pyright: ignore[reportPrivateUsage]
        schedule = Schedule.from_config(voice.noise)

        def sharpened(levels: Floats) -> Floats:
            return griffin_lim(magnitudes(vocoder.sharpened(voice.unet, levels)[0].cpu().numpy()), NOTES)

        ways[f"{card.id}: its sharpener, then Griffin-Lim, 32 iterations"] = sharpened
        ways[f"{card.id}: all of it"] = lambda levels: vocoder.vocoded(voice.unet, schedule, levels)
    ways["ceiling: true magnitudes, Griffin-Lim, 32 iterations"] = lambda levels: levels
    for name, some in sounds.items():
        table: Table = {}
        for way, sounded in ways.items():
            distances: list[tuple[float, float]] = []
            started = time.perf_counter()
            for sound in some:
                if way.startswith("ceiling"):
                    made = griffin_lim(magnitude(sound, NOTES), NOTES)
                else:
                    made = sounded(picture_of(sound, NOTES))
                made = made[: len(sound)]
                long, short = (log_spectral_distance(made, sound[: len(made)], how) for how in (NOTES, FINE))
                distances.append((long, short))
            spent = (time.perf_counter() - started) / len(some) / 6.0 * 10
            a, b = np.mean(distances, 0)
            table[way] = {"windows of 120 ms": float(a), "46 ms": float(b), "s for 10 s": spent}
        bench.tell(f"log-spectral distance in dB, {len(some)} held-out sounds, {name}", table)


def griffin(bench: Bench) -> None:
    """The studio's Griffin-Lim and librosa's in turns, for as many iterations."""
    try:
        import librosa  # type: ignore[reportMissingImports]
    except ImportError:
        return bench.skip("griffin-lim", "librosa is not installed")
    sounds = next(iter(held_out_sounds(4).values()), [])
    if not sounds:
        return bench.skip("griffin-lim", "there is no soundfont")
    how, table, rounds = FINE, {}, 3
    rows: dict[str, list[tuple[float, float]]] = {"studio": [], "librosa": []}
    window, hop = how.window, how.hop
    for sound in sounds * rounds:
        size = magnitude(sound, how)
        started = time.perf_counter()
        ours = griffin_lim(size, how, 32)
        between = time.perf_counter()
        theirs = librosa.griffinlim(size / (4 / window), n_iter=32, hop_length=hop, win_length=window, n_fft=window, length=len(sound))  # fmt: skip
        ended = time.perf_counter()
        n = min(len(ours), len(theirs))
        rows["studio"].append((between - started, spectral_convergence(ours[:n], size, how)))
        rows["librosa"].append(
            (ended - between, spectral_convergence(np.asarray(theirs[:n], np.float32), size, how))
        )
    for row, values in rows.items():
        seconds, error = np.median(values, 0)
        table[row] = {"s for 6 s": float(seconds), "spectral convergence": float(error)}
    bench.tell("Griffin-Lim, 32 iterations, in turns", table)


def round_trip(bench: Bench, recordings: Sequence[Path]) -> None:
    """Real music through a mel spectrogram and through the notes that models hear, and its pictures before and after."""
    from studio.media.clips import read_clip

    sounds: dict[str, Floats] = {}
    for path in recordings:
        clip = at_rate(read_clip(path, "sound"), NOTES.rate)
        sounds[path.name] = mono(clip)[: round(20 * NOTES.rate)]
    other = _font(OTHER_FONTS)
    if other is not None:
        sounds["another soundfont"] = render(piece_of(FIRST_SEED + 77, "held_out", SECONDS), SECONDS, other)
    if not sounds:
        return bench.skip("round trip", "there is no recording (--recording FILE) and no other soundfont")
    table: Table = {}
    for name, sound in sounds.items():
        for kind, how in (("mel, 128 bands", MEL), ("notes, 92 bands", NOTES)):
            true = magnitude(sound, how)
            bins = unbanded(magnitudes(picture_of(sound, how)), how)
            made = griffin_lim(bins, how, 32)[: len(sound)]
            table[f"{name}: {kind}"] = {
                "spectral convergence": spectral_convergence(made, true, how),
                "to what its bands say": spectral_convergence(made, bins, how),
                "log-spectral distance": log_spectral_distance(made, sound[: len(made)], how),
            }
            if bench.out:
                _pictures(
                    bench.out / f"round-trip-{Path(name).stem}-{kind.split(',')[0]}.png", sound, made, how
                )
    bench.tell("round trip through a picture, Griffin-Lim 32 iterations", table)


def _pictures(path: Path, before: Floats, after: Floats, how: Spectrogram) -> None:
    from studio.engine.music import picture_of_levels
    from studio.media.clips import save_clip

    path.parent.mkdir(parents=True, exist_ok=True)
    both = [picture_of_levels(picture_of(sound, how)).array for sound in (before, after)]
    width = min(part.shape[1] for part in both)
    gap = np.full((8, width, 3), 255, np.uint8)
    save_clip(Clip.picture(np.concatenate([both[0][:, :width], gap, both[1][:, :width]])), path)


def _font(places: Sequence[str] = ()) -> SoundfontSynth | None:
    """A soundfont's player; the one of trainings without `places`."""
    try:
        if not places:
            return SoundfontSynth()
        found = next((place for place in places if Path(place).is_file()), None)
        return SoundfontSynth(found) if found else None
    except (ImportError, FileNotFoundError):
        return None


PARTS = ("vocoder", "griffin-lim", "round-trip", "words", "seams", "tunes")


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="studio bench music", description=__doc__)
    parser.add_argument("--model", default="pocket-music")
    parser.add_argument("--ear", type=Path, default=paths.models() / "pocket-ear")
    parser.add_argument("--models", type=Path, action="append", help="folder of models, may be given again")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--captions", type=int, default=200)
    parser.add_argument("--tunes", type=int, default=40)
    parser.add_argument("--sounds", type=int, default=24, help="of each soundfont, for the vocoder")
    parser.add_argument(
        "--pieces", type=int, default=12, help="long pieces and loops whose seams are looked at"
    )
    parser.add_argument("--steps", type=int, default=None)
    parser.add_argument("--recording", type=Path, nargs="+", default=[], help="real music for the round trip")
    parser.add_argument("--out", type=Path, default=None, help="writes scores.json and pictures here")
    args = parser.parse_args(argv)

    from studio.engine.engine import Engine
    from studio.engine.nets.ear import Ear
    from studio.media.clips import read_source

    ear = Ear.read(args.ear) if (args.ear / "model.safetensors").exists() else None
    engine = Engine(args.models or [paths.models()], read=read_source)
    bench = Bench(engine, args.model, ear, args.out)
    parts: dict[str, Callable[[], None]] = {
        "vocoder": lambda: vocoders(bench, args.sounds),
        "griffin-lim": lambda: griffin(bench),
        "round-trip": lambda: round_trip(bench, args.recording),
        "words": lambda: words(bench, args.captions, args.steps),
        "seams": lambda: seams(bench, args.pieces, args.steps),
        "tunes": lambda: tunes(bench, args.tunes, args.steps),
    }
    for name in PARTS:
        if name in args.only:
            parts[name]()
    return 0
