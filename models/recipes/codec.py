"""The autoencoder of pocket-image: 64 x 64 pictures <-> 8 x 8 latents of 16 channels.

Built as the library's AutoencoderTiny (convolutions and ReLUs, no normalisation, no attention): it loads in the ordinary Stable
Diffusion pipeline and decodes in milliseconds on a CPU. An ordinary KL autoencoder was tried before (`POCKET.md`: 21.5
dB in 15 minutes); most of its time goes into group norms at full resolution.

Latents are kept at zero mean and unit variance per channel by a moment penalty, and the decoder sees them with a
little Gaussian noise, so that neighbours in latent space decode to neighbours and small errors of the diffusion
model stay small.

`--decoder-of FOLDER` trains only the decoder of an autoencoder: latents, and models trained on them, stay valid.
"""

from __future__ import annotations

import json

import torch
from common import ROOT, arguments, autocast, batches, device, scenes, sheet, to_pictures, to_tensor, train
from diffusers import AutoencoderTiny
from torch import Tensor, nn

NOISE = 0.05


def make() -> AutoencoderTiny:
    return AutoencoderTiny(
        encoder_block_out_channels=(64, 64, 64, 64),
        decoder_block_out_channels=(64, 64, 64, 64),
        num_encoder_blocks=(0, 1, 3, 4),
        num_decoder_blocks=(4, 3, 2, 1),
        latent_channels=16,
    )


def psnr(a: Tensor, b: Tensor) -> Tensor:
    """[N, C, H, W] in [-1, 1] -> [N] decibels, peak to peak 2."""
    return 10 * torch.log10(4 / (a - b).square().mean((1, 2, 3)).clamp_min(1e-10))


def main() -> None:
    args = arguments(
        minutes=20, batch=32, scenes=40_000, nouns="all", rate=1.5e-3, total_minutes=None, decoder_of=None
    )
    pictures, _ = scenes(args.data, args.nouns, args.scenes, "train")
    held, _ = scenes(args.data, args.nouns, 500, "held_out", first=5_000_000)
    held_x = to_tensor(held)
    model = make()
    if args.decoder_of:
        model = AutoencoderTiny.from_pretrained(args.decoder_of)
        model.encoder.requires_grad_(False)
    model = model.to(device(), memory_format=torch.channels_last)
    draw = batches(len(pictures), args.batch, seed=0)

    def loss_of(step: int) -> Tensor:
        x = to_tensor(pictures[next(draw).numpy()]).contiguous(memory_format=torch.channels_last)
        with autocast():
            z = model.encoder(x)
            y = model.decoder(z + NOISE * torch.randn_like(z))
        z = z.float()
        mean, std = z.mean((0, 2, 3)), z.std((0, 2, 3))
        difference = y.float() - x
        moments = mean.square().mean() + (std - 1).square().mean()
        return difference.square().mean() + 0.05 * difference.abs().mean() + 0.01 * moments

    @torch.no_grad()
    def look(average: nn.Module, samples: int) -> None:
        back = torch.cat([average.decoder(average.encoder(part)) for part in held_x.split(50)])
        score = float(psnr(back.clamp(-1, 1), held_x).mean())
        print(f"held-out PSNR {score:.2f} dB after {samples} samples", flush=True)
        (args.out / "score.json").write_text(json.dumps({"psnr": score, "samples": samples}))
        both = torch.stack([held_x[:36], back[:36]], 1).flatten(0, 1)
        sheet(args.out / "sheet.png", to_pictures(both))

    plan = float(args.total_minutes) if args.total_minutes else None
    average, report = train(
        out=args.out,
        minutes=args.minutes,
        model=model,
        loss_of=loss_of,
        batch=args.batch,
        rate=args.rate,
        decay=0.998,
        every=look,
        every_seconds=120,
        total_minutes=plan,
    )
    with torch.no_grad():
        z = torch.cat([average.encoder(part) for part in held_x.split(50)])
    if not args.decoder_of:
        average.register_to_config(scaling_factor=round(1 / float(z.std()), 4))
    average.save_pretrained(args.out / "vae")
    report["psnr"] = json.loads((args.out / "score.json").read_text())["psnr"]
    (args.out / "report.json").write_text(json.dumps(report, indent=1))
    print(
        f"wrote {(args.out / 'vae').relative_to(ROOT) if (args.out / 'vae').is_relative_to(ROOT) else args.out / 'vae'}"
    )


if __name__ == "__main__":
    main()
