"""Another library's editing pipelines on the same weights, for `studio bench edit`.

They are run as they are published, with their own defaults where those make sense for pictures of 64 pixels, the model's own guidance
scale and number of steps. The pipelines ask autoencoders for a distribution, which small autoencoders do not give; `Coded` says
that it has no spread. Null-text inversion and Prompt-to-Prompt are community pipelines written for one kind of model (`_cannot` says
what in them); plain DDIM inversion by the library's schedulers is the control beside our inversions.
"""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from studio.core.job import BadRequest

if TYPE_CHECKING:
    from studio.bench.edit import Bench, Case, Picture


def parts(bench: Bench, model: str) -> dict[str, Any]:
    """The networks that the engine has loaded, as the library's pipelines want them."""
    from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny
    from diffusers.schedulers.scheduling_ddim import DDIMScheduler

    class Coded(AutoencoderTiny):
        def encode(self, x: Any, return_dict: bool = True) -> Any:
            encoded: Any = super().encode(x)
            latents = encoded.latents
            point = SimpleNamespace(mode=lambda: latents, sample=lambda generator=None: latents)
            return SimpleNamespace(latent_dist=point, latents=latents)

    bench.engine.prepare(model)
    warm = bench.engine.warm.fetch(model, 0, _not_warm)
    vae = warm.codec.vae
    if isinstance(vae, AutoencoderTiny):
        vae = copy.copy(vae)
        vae.__class__ = Coded
        vae.register_to_config(sample_size=max(warm.card.sizes.native))  # on the copy
    return {
        "vae": vae,
        "text_encoder": warm.encoders[0],
        "tokenizer": warm.tokenizers[0],
        "unet": warm.unet,
        "scheduler": DDIMScheduler.from_config(warm.noise, timestep_spacing=warm.card.defaults.spacing),
        "safety_checker": None,
        "feature_extractor": None,
    }


def _noise(bench: Bench) -> dict[str, Any]:
    """What the inverse scheduler needs to know of the model's noise."""
    bench.engine.prepare(bench.model)
    warm = bench.engine.warm.fetch(bench.model, 0, _not_warm)
    names = ("beta_start", "beta_end", "beta_schedule", "num_train_timesteps", "prediction_type")
    names += ("rescale_betas_zero_snr", "set_alpha_to_one", "steps_offset", "clip_sample")
    known = {name: warm.noise[name] for name in names if name in warm.noise}
    return {**known, "timestep_spacing": warm.card.defaults.spacing}


def _not_warm() -> Any:
    raise RuntimeError("the model was prepared a moment ago")


def _pipe(bench: Bench, name: str, model: str = "", **more: Any) -> Any:
    """The pipeline of that name, made once per bench."""
    if name not in bench.peers:
        import diffusers

        from studio.engine.load import quiet

        with quiet():
            made = {**parts(bench, model or bench.model), "requires_safety_checker": False, **more}
            pipe = getattr(diffusers, name)(**made)
        pipe.set_progress_bar_config(disable=True)
        bench.peers[name] = pipe
    return bench.peers[name]


def _generator(case: Case) -> Any:
    import torch

    return torch.Generator().manual_seed(case.seed)


def _defaults(bench: Bench, model: str = "") -> Any:
    return bench.engine.cards[model or bench.model].defaults


def _pixels(output: Any) -> Picture:
    return np.asarray(output.images[0].convert("RGB"))


def inpaint(bench: Bench, case: Case) -> Picture:
    """StableDiffusionInpaintPipeline with a network without channels for the mask, given the true mask.

    It wants 4 or 9 channels: networks on wider latents are outside of what it can run.
    """
    pipe, d = _pipe(bench, "StableDiffusionInpaintPipeline"), _defaults(bench)
    return _pixels(
        pipe(
            prompt=case.target,
            image=Image.fromarray(case.before),
            mask_image=Image.open(case.mask_file),
            height=case.before.shape[0],
            width=case.before.shape[1],
            num_inference_steps=d.steps,
            guidance_scale=d.guidance,
            generator=_generator(case),
        )
    )


def diffedit(bench: Bench, case: Case) -> Picture:
    """StableDiffusionDiffEditPipeline: mask from two prompts, DDIM inversion, masked drawing."""
    pipe, shared, picture, mask = _diffedit_looked(bench, case)
    inverted = pipe.invert(image=picture, prompt=case.source, **shared).latents
    return _pixels(
        pipe(
            prompt=case.target,
            mask_image=mask,
            image_latents=inverted,
            negative_prompt=case.source,
            **shared,
        )
    )


def _diffedit_looked(bench: Bench, case: Case) -> tuple[Any, dict[str, Any], Image.Image, Any]:
    """-> the pipeline, what its parts share, the picture, and the mask [1, h, w] in {0, 1} at the latent's size."""
    from diffusers.schedulers.scheduling_ddim_inverse import DDIMInverseScheduler

    d = _defaults(bench)
    inverse = DDIMInverseScheduler(**_noise(bench))
    pipe = _pipe(bench, "StableDiffusionDiffEditPipeline", inverse_scheduler=inverse)
    shared = {"num_inference_steps": d.steps, "guidance_scale": d.guidance, "generator": _generator(case)}
    picture = Image.fromarray(case.before)
    mask = pipe.generate_mask(image=picture, source_prompt=case.source, target_prompt=case.target, **shared)
    return pipe, shared, picture, mask


def diffedit_mask(bench: Bench, case: Case) -> Picture:
    """The mask that StableDiffusionDiffEditPipeline finds, [H, W] in {0, 255}."""
    mask = _diffedit_looked(bench, case)[3]
    white = Image.fromarray((np.asarray(mask)[0] > 0).astype(np.uint8) * 255)
    return np.asarray(white.resize(case.before.shape[1::-1], Image.Resampling.NEAREST))


def ledits(bench: Bench, case: Case) -> Picture:
    """LEditsPPPipelineStableDiffusion: edit-friendly inversion, then the new words added and the old ones taken away."""
    from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler

    if "LEditsPPPipelineStableDiffusion" not in bench.peers:
        made = _pipe(bench, "LEditsPPPipelineStableDiffusion")
        made.scheduler = DPMSolverMultistepScheduler.from_config(
            made.scheduler.config, algorithm_type="sde-dpmsolver++", solver_order=2
        )
    pipe, d = _pipe(bench, "LEditsPPPipelineStableDiffusion"), _defaults(bench)
    pipe.invert(
        image=Image.fromarray(case.before),
        source_prompt=case.source,
        num_inversion_steps=d.steps,
        skip=0.15,
        generator=_generator(case),
        height=case.before.shape[0],
        width=case.before.shape[1],
    )
    return _pixels(
        pipe(
            editing_prompt=[case.source, case.target],
            reverse_editing_direction=[True, False],
            edit_guidance_scale=[d.guidance, d.guidance],
            edit_threshold=[0.8, 0.8],
            use_intersect_mask=False,  # it looks for attention maps of 16 x 16, which small networks have not
            generator=_generator(case),
        )
    )


def instruct(bench: Bench, case: Case) -> Picture:
    """StableDiffusionInstructPix2PixPipeline on the weights of our own `instruct`."""
    model = bench.instruct_model
    if not model:
        raise BadRequest("There is no model for instructions here.")
    pipe, d = _pipe(bench, "StableDiffusionInstructPix2PixPipeline", model), _defaults(bench, model)
    return _pixels(
        pipe(
            prompt=case.pair.instruction,
            image=Image.fromarray(case.before),
            num_inference_steps=d.steps,
            guidance_scale=d.guidance,
            image_guidance_scale=1.5,
            generator=_generator(case),
        )
    )


def plain_ddim(bench: Bench, case: Case, guidance: float | None) -> Picture:
    """Plain DDIM inversion and back by the library's two schedulers; guidance None = the model's own on the way back."""
    import torch
    from diffusers.schedulers.scheduling_ddim import DDIMScheduler
    from diffusers.schedulers.scheduling_ddim_inverse import DDIMInverseScheduler

    from studio.engine.prompt import encode

    d = _defaults(bench)
    scale = d.guidance if guidance is None else guidance
    bench.engine.prepare(bench.model)
    warm = bench.engine.warm.fetch(bench.model, 0, _not_warm)
    down: Any = DDIMScheduler.from_config(warm.noise, timestep_spacing=d.spacing)
    up: Any = DDIMInverseScheduler.from_config(warm.noise, timestep_spacing=d.spacing)
    down.set_timesteps(d.steps)
    up.set_timesteps(d.steps)
    with torch.no_grad():
        words, empty = (
            encode(warm.tokenizers[0], warm.encoders[0], text).hidden for text in (case.source, "")
        )
        x = warm.codec.encode(case.before)
        for t in up.timesteps:
            x = up.step(warm.unet(x, t, words).sample, t, x).prev_sample
        for t in down.timesteps:
            said = warm.unet(x, t, words).sample
            if scale != 1:
                plain = warm.unet(x, t, empty).sample
                said = plain + scale * (said - plain)
            x = down.step(said, t, x).prev_sample
        return warm.codec.decode(x)


def _peers() -> list[Any]:
    from studio.bench.edit import Row

    return [
        Row("peer: inpainting (true mask)", "peer", inpaint, against="inpaint (true mask)"),
        Row("peer: DiffEdit", "peer", diffedit, against="diffedit"),
        Row("peer: LEDITS++", "peer", ledits, against="prompt2prompt exact"),
        Row("peer: InstructPix2Pix", "peer", instruct, against="instruct", instructs=True),
        Row(
            "peer: null-text",
            "peer",
            _cannot(
                "its community pipeline is fixed to networks that tell the noise, to Stable Diffusion's autoencoder"
                " (factor 0.18215) and to scale 7.5; these weights tell the velocity, in other latents"
            ),
            against="prompt2prompt faithful",
        ),
        Row(
            "peer: Prompt-to-Prompt",
            "peer",
            _cannot("its community pipeline is fixed to prompts of 77 tokens; these weights read 32"),
            against="prompt2prompt",
        ),
    ]


def _cannot(why: str) -> Any:
    """Community pipelines, whose code the library's package does not hold. They were read (diffusers 0.42, examples/community) and
    stand in the table so that it says why they are missing."""

    def make(bench: Bench, case: Case) -> Picture:
        raise BadRequest(why)

    return make


PEERS: list[Any] = _peers()
