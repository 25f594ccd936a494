"""A sketch: the request for a picture that follows the hand, made from the request for the finished one.

    sketch = sketched(spec, cards)

It keeps the seed, so that it begins with the noise of the finished picture, and takes

    the model's student     where a card says that it was taught by this model (`Distilled.teacher`), with its own few steps
    the model itself        where it is one of few steps already
    the model itself        with FEW steps of a multistep solver, at half the size where that is large, without the decoder:
                            every other model

A sketch is in no queue and in no gallery. Its pictures travel with it instead of lying in files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from studio.core.card import ModelCard
from studio.core.clip import Clip
from studio.core.job import TECHNIQUES, BadRequest, JobSpec, Source, inputs_of, with_inputs

FEW = 6
"""Steps of a sketch by a model without a student."""
LARGE = 256
"""Native side in pixels from which on such a sketch has half the size and is not decoded."""
HERE = "(canvas)"
"""Path of a `Source` whose pixels come with the request."""

# These learn, or walk to the noise and back in many small steps: what they do for a second is no promise of anything.
_SLOW = frozenset({"imagic", "unitune", "invert", "prompt2prompt", "diffedit"})
# These ask the network itself for something that a student was not taught.
_ITSELF = frozenset({"instruct", "upscale", "textmask"})


@dataclass(frozen=True)
class Draft:
    """How roughly to draw. `shrink`: sides are 1/shrink of the finished picture's; `decode`: with the model's decoder, else
    by the linear map of the previews."""

    shrink: int = 1
    decode: bool = True


@dataclass(frozen=True)
class Sketch:
    """See the module. `inputs`: {digest: what the spec's sources of that digest hold}."""

    spec: JobSpec
    draft: Draft = Draft()
    inputs: Mapping[str, Clip] = field(default_factory=dict[str, Clip])


def follows(technique: str) -> bool:
    """Whether a technique is quick enough for a picture that follows the hand."""
    kind = TECHNIQUES[technique]
    return kind.makes in ("picture", "mask") and not kind.teaches and technique not in _SLOW


def student_of(card: ModelCard, technique: str, cards: Mapping[str, ModelCard]) -> ModelCard | None:
    """The model of few steps that stands for this one: itself, else one that it taught, of several the one that has practised
    most; None where there is none."""
    if card.distilled:
        return card
    if technique in _ITSELF:
        return None
    ability = TECHNIQUES[technique].ability
    taught = [one for one in cards.values() if one.distilled and one.distilled.teacher == card.id]
    able = [one for one in taught if ability in one.abilities and one.sizes == card.sizes]
    return max(able, key=lambda one: int(one.training.get("samples", 0)), default=None)


def sketched(
    spec: JobSpec, cards: Mapping[str, ModelCard], inputs: Mapping[str, Clip] | None = None
) -> Sketch:
    """The sketch of a request.

    Raises:
        BadRequest: its technique is too slow for that, or its model is not here.
    """
    name = spec.technique.name
    if not follows(name):
        raise BadRequest(f"technique: {TECHNIQUES[name].title} is too slow to follow the hand; press Apply.")
    if spec.model not in cards:
        raise BadRequest("model: a sketch needs a model that is here; choose one.")
    card = cards[spec.model]
    laid = [cards.get(one.name) for one in getattr(spec.technique, "adapters", ())]
    if any(one is not None and one.distilled for one in laid):  # with it the model is one of few steps
        few = {"steps": None, "solver": None, "spacing": None}
        technique = spec.technique.model_copy(
            update={k: v for k, v in few.items() if k in type(spec.technique).model_fields}
        )
        return Sketch(spec.model_copy(update={"technique": technique, "count": 1}), Draft(), inputs or {})
    student = student_of(card, name, cards)
    fields = type(spec.technique).model_fields
    changes: dict[str, object] = {}
    draft = Draft()
    if student is not None and student.distilled is not None:
        changes = {"steps": student.defaults.steps, "solver": None, "spacing": None}
        low, high = student.distilled.guidance
        scale = getattr(spec.technique, "guidance", None)
        if student is not card and scale is None:
            scale = card.defaults.guidance  # what the finished picture will be drawn with
        changes["guidance"] = None if scale is None else min(max(scale, low), high)
    elif "steps" in fields:
        asked = getattr(spec.technique, "steps", None) or card.defaults.steps
        changes["steps"] = min(asked, FEW)
        if "solver" in fields:
            changes |= {"solver": "dpm++2m"}
        if min(card.sizes.native) >= LARGE and card.family.startswith("stable-diffusion"):
            draft = Draft(_shrink(spec, card), decode=False)
    changes = {key: value for key, value in changes.items() if key in fields}
    technique = spec.technique.model_copy(update=changes)
    model = student.id if student is not None else card.id
    made = Sketch(
        spec.model_copy(update={"technique": technique, "model": model, "count": 1}), draft, inputs or {}
    )
    return _smaller(made) if draft.shrink > 1 else made


def _shrink(spec: JobSpec, card: ModelCard) -> int:
    """2 where the model can draw half of every side that is asked for, else 1."""
    sides = [
        getattr(spec.technique, key, None) or own
        for key, own in zip(("width", "height"), card.sizes.native, strict=True)
    ]
    fit = all(side % (2 * card.sizes.multiple) == 0 and side // 2 >= card.sizes.min for side in sides)
    return 2 if fit else 1


def _smaller(sketch: Sketch) -> Sketch:
    """Sizes and pictures by 1/shrink of their sides. What names a file of its own stays as it is."""
    by, technique = sketch.draft.shrink, sketch.spec.technique
    inputs: dict[str, Clip] = {}
    sources: dict[str, Source] = {}
    for name, (source, _) in inputs_of(technique).items():
        if source.sha256 in sketch.inputs:
            clip = reduced(sketch.inputs[source.sha256], by)
            sources[name] = Source(path=HERE, sha256=clip.digest())
            inputs[sources[name].sha256] = clip
    sides = {key: value // by for key in ("width", "height") if (value := getattr(technique, key, None))}
    technique = with_inputs(technique.model_copy(update=sides), sources)
    return replace(sketch, spec=sketch.spec.model_copy(update={"technique": technique}), inputs=inputs)


def reduced(clip: Clip, by: int) -> Clip:
    """A picture or mask whose pixels are the means of by x by blocks; a rest at the right and lower edge is cut off."""
    a: NDArray[np.uint8] = clip.array
    high, wide = (side // by for side in a.shape[:2])
    if not high or not wide:
        return clip
    blocks = a[: high * by, : wide * by].reshape(high, by, wide, by, *a.shape[2:])
    small = (blocks.sum((1, 3), dtype=np.uint32) // (by * by)).astype(np.uint8)
    return Clip(small, clip.axes)
