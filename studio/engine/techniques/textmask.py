"""Words become a mask of what they name (CLIPSeg, Lüddecke and Ecker 2022).

The model looks at the whole picture, scaled to its own square; its answer is scaled to the picture's size before the threshold,
so that edges are smooth. With probability p, threshold q and softness s a pixel is masked by

    clip((p - q) / s + 1/2, 0, 1)

a hard edge for s = 0. There is no noise here: the seed does not matter.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from studio.core.clip import Clip
from studio.core.job import BadRequest, Progress
from studio.engine.inputs import flatten
from studio.engine.job import Job, Steps

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the pictures that a model without preprocessor_config.json was trained on: ImageNet's, as the published ones."""
NOTHING = 0.002
"""Below this share of masked pixels the user is told that nothing was found."""


def run(job: Job) -> Steps[Clip]:
    t, source = job.technique, job.inputs["image"]
    if not t.prompt.strip():
        raise BadRequest("prompt: is empty; say what to mask, such as the cat or the background.")
    yield Progress("looking", 0, 1, memory=job.peak())
    chance = yield from job.thriftily("drawing", "looking", lambda: probability(job, source, t.prompt))
    yield Progress("looking", 1, 1, 0.0, job.peak())
    mask = cut(chance, t.threshold, t.softness)
    share = float((mask > 127).mean())
    if share < NOTHING:
        job.notes.append(
            f"Nothing was found for “{t.prompt.strip()}” (the surest pixel has {float(chance.max()):.0%});"
            " try other words or a lower threshold."
        )
    return Clip.mask(mask)


@torch.no_grad()
def probability(job: Job, source: Clip, prompt: str) -> NDArray[np.float32]:
    """[H, W] in [0, 1]: how sure the model is that a pixel belongs to what the words name."""
    model = job.model
    net, about = model.unet, model.index
    pixels = prepared(flatten(source).array, net.config.vision_config.image_size, about)
    most = net.config.text_config.max_position_embeddings
    words = model.tokenizers[0]([prompt], truncation=True, max_length=most, return_tensors="pt")
    if model.tokenizers[0]([prompt])["input_ids"][0] != words["input_ids"][0].tolist():
        note = "The words are longer than the model can read; their end was left out."
        job.notes += [note] if note not in job.notes else []
    logits: Tensor = net(
        input_ids=words["input_ids"].to(model.device),
        attention_mask=words["attention_mask"].to(model.device),
        pixel_values=pixels.to(model.device, model.dtype),
    ).logits
    logits = logits.float().reshape(1, 1, *logits.shape[-2:])
    # enlarged before the sigmoid: an edge then lies where the logit crosses, not where probabilities were averaged
    large = F.interpolate(logits, (source.height, source.width), mode="bilinear", align_corners=False)
    return large[0, 0].sigmoid().nan_to_num().cpu().numpy()


def prepared(pixels: NDArray[np.uint8], side: int, about: dict[str, Any]) -> Tensor:
    """[H, W, 3] uint8 -> [1, 3, side, side], scaled as the model was trained."""
    from PIL import Image

    square = Image.fromarray(np.ascontiguousarray(pixels)).resize((side, side), Image.Resampling.BILINEAR)
    x = torch.from_numpy(np.array(square)).permute(2, 0, 1)[None].float() / 255
    mean, std = (torch.tensor(about.get(k) or d) for k, d in (("image_mean", MEAN), ("image_std", STD)))
    return (x - mean[:, None, None]) / std[:, None, None]


def cut(chance: NDArray[np.float32], threshold: float, softness: float) -> NDArray[np.uint8]:
    """[H, W] probabilities -> mask, uint8; see the module."""
    if softness == 0:
        return np.where(chance >= threshold, np.uint8(255), np.uint8(0))
    return np.rint(np.clip((chance - threshold) / softness + 0.5, 0, 1) * 255).astype(np.uint8)
