"""A mask that the window wrote is recognised by an engine that reads files by itself."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core.clip import Clip
from studio.core.job import BadRequest, Source
from studio.engine.inputs import checked, read_picture
from studio.media.image import save_picture


def test_a_mask_is_known_by_its_own_digest(tmp_path):
    mask = Clip.mask(np.random.default_rng(0).integers(0, 256, (9, 12), np.uint8))
    save_picture(mask, tmp_path / "mask.png")
    source = Source(path=str(tmp_path / "mask.png"), sha256=mask.digest())
    found = checked(read_picture, source, "mask")
    assert found.kind == "mask" and np.array_equal(found.array, mask.array)
    save_picture(Clip.mask(255 - mask.array), tmp_path / "mask.png")
    with pytest.raises(BadRequest, match=r"mask: mask\.png has changed"):
        checked(read_picture, source, "mask")
