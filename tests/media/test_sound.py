"""Sound files there and back: every format, tags, the request inside, and what cannot be written."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from studio.core.clip import Clip
from studio.core.job import BadRequest, JobSpec, Text2Music
from studio.media.id3 import bare, tagged
from studio.media.metadata import read_settings, to_spec
from studio.media.sound import WRITERS, read_sound, read_tags, save_sound

RATE = 24000
SPEC = JobSpec(technique=Text2Music(prompt="Klavier für Élise 🎹", seconds=2.0), model="m", seed=9)
TAGS = {"title": "Größe ☃", "artist": "Ænne", "genre": "Jazz", "unknown": "x"}


def clip(channels=2):
    t = np.arange(RATE) / RATE
    sound = 0.4 * np.sin(2 * np.pi * 440 * t)
    return Clip.sound(np.stack([sound, 0.5 * sound], 1)[:, :channels].astype(np.float32), RATE)


@pytest.mark.parametrize("ending", list(WRITERS))
def test_there_and_back_with_tags_and_the_request(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    save_sound(clip(), path, SPEC, tags=TAGS)
    back = read_sound(path)
    assert back.rate == RATE and back.array.shape[1] == 2 and abs(len(back.array) - RATE) < 3000
    start = 4000
    got, wanted = (
        np.abs(np.fft.rfft(one[start : start + 12000, 0]))[220] for one in (back.array, clip().array)
    )
    assert got == pytest.approx(wanted, rel=0.02), "the tone is as loud as it was"
    assert read_tags(path) == {"title": "Größe ☃", "artist": "Ænne", "genre": "Jazz"}
    assert to_spec(read_settings(path))[0] == SPEC


@pytest.mark.parametrize("ending", [".flac", ".wav"])
def test_what_loses_nothing_is_exact_to_24_bits(tmp_path, ending):
    save_sound(clip(), tmp_path / f"a{ending}")
    assert np.abs(read_sound(tmp_path / f"a{ending}").array - clip().array).max() <= 2**-23


def test_other_programs_read_the_tags_of_an_mp3(tmp_path):
    import av

    save_sound(clip(), tmp_path / "a.mp3", SPEC, tags=TAGS)
    with av.open(str(tmp_path / "a.mp3")) as file:
        assert file.metadata["title"] == "Größe ☃" and file.metadata["artist"] == "Ænne"


def test_a_tag_is_replaced_and_not_added(tmp_path):
    save_sound(clip(), tmp_path / "a.mp3", tags={"title": "one"})
    data = (tmp_path / "a.mp3").read_bytes()
    again = tagged(data, {"title": "two"})
    assert again.count(b"TIT2") == 1 and bare(again) == bare(data)
    assert bare(b"ID3\x03\x00\x00\x00\x00\x00\x02xyMUSIC" + b"TAG" + bytes(125)) == b"MUSIC"
    assert tagged(data, {}) == bare(data)


def test_a_stretch_is_read(tmp_path):
    save_sound(clip(), tmp_path / "a.flac")
    part = read_sound(tmp_path / "a.flac", 0.25, 0.5)
    assert np.abs(part.array - clip().array[RATE // 4 : RATE * 3 // 4]).max() <= 2**-23


def test_what_cannot_be_done_is_one_sentence(tmp_path):
    with pytest.raises(BadRequest, match="not a sound type"):
        save_sound(clip(), tmp_path / "a.xyz")
    with pytest.raises(BadRequest, match="save it as"):
        save_sound(Clip.sound(clip().array, 44100), tmp_path / "a.opus")
    with pytest.raises(BadRequest, match="cannot be saved as a sound"):
        save_sound(Clip.mask(np.zeros((2, 2), np.uint8)), tmp_path / "a.flac")
    assert not list(tmp_path.iterdir()), "nothing is left of what failed"
    (tmp_path / "b.wav").write_bytes(b"no")
    with pytest.raises(BadRequest, match="not a sound"):
        read_sound(tmp_path / "b.wav")
    assert read_tags(tmp_path / "b.wav") == {}
    save_sound(clip(), tmp_path / "c.wav")
    with pytest.raises(FileExistsError):
        save_sound(clip(), tmp_path / "c.wav", replace=False)


def test_samples_that_are_no_numbers_are_refused(tmp_path):
    soundfile.write(str(tmp_path / "a.wav"), np.array([0.0, np.nan], np.float32), RATE, "FLOAT")
    with pytest.raises(BadRequest, match="no numbers"):
        read_sound(tmp_path / "a.wav")
