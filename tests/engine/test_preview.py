"""Previews are cheap, rough and never the full decoder."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from studio.core.job import JobSpec, Preview, Text2Image
from studio.engine import preview
from studio.engine.codecs.picture import PictureCodec
from studio.engine.engine import Engine

from .test_memory import Blur


def test_the_map_recovers_a_linear_codec() -> None:
    codec = PictureCodec(Blur())
    linear = preview.fit(codec, preview.sample_pictures())
    picture = preview.sample_pictures(seed=5)[0]
    drawn = preview.draw(codec.encode(picture), linear, codec.factor)
    assert drawn.array.shape == (32, 32, 3)
    small = picture.reshape(32, 2, 32, 2, 3).mean((1, 3))
    assert np.abs(drawn.array - small).mean() < 12


def test_previews_never_decode(engine: Engine) -> None:
    engine.prepare("tiny-sd")
    vae, calls = engine.warm["tiny-sd"].codec.vae, []
    decode = vae.decode

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        return decode(*args, **kwargs)

    vae.decode = counted
    events = list(engine.run(JobSpec(technique=Text2Image(prompt="a fox", steps=8), model="tiny-sd")))
    previews = [event for event in events if isinstance(event, Preview)]
    assert previews
    assert previews[0].clip.array.shape == (32, 32, 3)
    assert len(calls) == 1


def test_previews_keep_their_pace() -> None:
    pace, start, shown = preview.Pace(), time.monotonic(), 0
    while time.monotonic() - start < 0.3:
        shown += pace.ready()
    assert 3 <= shown <= 0.3 * preview.PER_SECOND + 1.5


def test_a_preview_takes_no_time() -> None:
    linear = torch.randn(4, 3), torch.randn(3)
    z = torch.randn(1, 4, 64, 64)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        clip = preview.draw(z, linear, 8)
        times.append(time.perf_counter() - start)
    assert clip.array.shape == (256, 256, 3)
    assert sorted(times)[5] < 0.02


def test_a_stored_map_is_used_and_a_damaged_one_is_not(tmp_path: Path) -> None:
    codec = PictureCodec(Blur())
    stored = {"matrix": torch.full((3, 3), 0.5), "offset": torch.zeros(3)}
    save_file(stored, tmp_path / preview.FILE)
    assert torch.equal(preview.linear_map(codec, tmp_path)[0], stored["matrix"])
    (tmp_path / preview.FILE).write_bytes(b"damaged")
    assert not torch.equal(preview.linear_map(codec, tmp_path)[0], stored["matrix"])


def test_undefined_numbers_do_not_reach_the_window() -> None:
    z = torch.full((1, 4, 2, 2), float("nan"))
    assert preview.draw(z, (torch.ones(4, 3), torch.zeros(3)), 8).array.max() == 0
