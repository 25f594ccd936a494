"""A tune becomes a piece: its notes are found, given to the network as a roll, and what the words say is played around them.

The network has learnt melodies from 65 to 91 (F4 to G6), so a tune that was hummed lower is moved up by octaves. Tempo and key are
those of the words, else of the tune.
"""

from __future__ import annotations

from studio.core.beat import beat_of_notes, key_of_notes
from studio.core.clip import Clip
from studio.core.job import BadRequest
from studio.core.melody import Tone, notes_of, tuned, within
from studio.core.sound import mono
from studio.engine import music, played
from studio.engine.job import Job, Steps
from studio.engine.music import Score, codec_of, drawn, scaled_noise, sounding, tempo_for, understood
from studio.engine.nets.music_words import read_words
from studio.engine.players import FAMILIES
from studio.engine.techniques.text2music import understood_without

LOWEST, HIGHEST = 65, 91
LONGEST = 600.0
TAIL = 0.6
"""Seconds after the last note."""


def run(job: Job) -> Steps[Clip]:
    t = job.technique
    if job.model.card.family in FAMILIES:
        notes = [Tone(start, end, pitch + t.transpose) for start, end, pitch in t.notes]
        clip = job.inputs["sound"]
        seconds = max((note.end for note in notes), default=len(clip.array) / (clip.rate or 1))
        return (yield from played.from_tune(job, notes, seconds))
    codec, notes = codec_of(job), tune(job)
    told = understood(job, t.prompt)
    key = key_of_notes(notes)
    if key and not any(word.endswith(("major", "minor")) for word in told.words):
        told = read_words(f"{t.prompt} in {key.replace('♯', '#')}")
        job.notes.append(f"The tune was heard in {key}.")
    beat = beat_of_notes(notes)
    if not told.bpm and beat.sure:
        job.notes.append(f"The tune was heard at {beat.bpm:.0f} bpm.")
    bpm = told.bpm or (beat.bpm if beat.sure else tempo_for(job, told))
    seconds = min(max(note.end for note in notes) + TAIL, LONGEST)
    melody = [music.Tone(note.start, note.end, int(note.pitch)) for note in notes]
    first = -(beat.first if beat.sure and not told.bpm else notes[0].start)
    score = Score(job.model.unet, codec.token_seconds, codec.tokens(seconds), told, bpm, first, melody)
    levels = job.levels()
    x = scaled_noise(job, score.tokens, levels)
    negative = score.without_words(understood_without(job))
    latent = yield from drawn(job, x, levels, score.condition(), negative)
    return (yield from sounding(job, latent, samples=round(seconds * codec.how.rate), loudness=t.loudness))


def tune(job: Job) -> list[Tone]:
    """The request's notes, or those of its sound, at whole semitones where the model plays them.

    Raises:
        BadRequest: there is no tune in the sound.
    """
    t, clip = job.technique, job.inputs["sound"]
    assert clip.rate is not None, "a sound has a rate"
    if t.notes:
        notes = sorted(Tone(start, end, float(round(pitch))) for start, end, pitch in t.notes)
    else:
        with job.stage("encoding"):
            notes = tuned(notes_of(mono(clip), clip.rate))
    if not notes:
        raise BadRequest(
            "sound: no tune was found in it; hum or play one note after another, or give the notes."
        )
    notes = [note._replace(pitch=note.pitch + t.transpose) for note in notes]
    notes, octaves = within(notes, LOWEST, HIGHEST)
    if octaves:
        job.notes.append(
            f"The tune is played {abs(octaves)} octave{'s' * (abs(octaves) > 1)} {'higher' if octaves > 0 else 'lower'}."
        )
    job.notes.append(f"{len(notes)} notes.")
    return notes
