"""Picture files <-> clips.

Everything becomes 8-bit sRGB, the right way up: the camera's orientation is applied, an embedded colour profile is
converted, 16-bit, palette, CMYK, Lab and float pictures are brought down to 8 bits, of an animation the first frame is
taken. Only formats that are plain data are opened; Pillow would run a program for PostScript.

A header is believed before a pixel is decoded, so a small file that claims to be a huge picture costs nothing.
"""

from __future__ import annotations

import functools
import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from studio.core.clip import Clip
from studio.core.job import BadRequest, JobSpec, Source
from studio.media import files, metadata

MAX_PIXELS = 178_956_970
"""Where Pillow itself speaks of a decompression bomb: about 13,377 x 13,377, 0.5 GiB of RGB."""

READABLE = (
    "PNG",
    "JPEG",
    "WEBP",
    "AVIF",
    "TIFF",
    "GIF",
    "BMP",
    "DIB",
    "JPEG2000",
    "PPM",
    "QOI",
    "TGA",
    "ICO",
    "PSD",
)

SUFFIXES: dict[str, str] = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".avif": "AVIF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
"""What can be written, by the ending of the file's name."""


def read_picture(path: Path | str, limit: int = MAX_PIXELS) -> Clip:
    """A picture file -> picture, uint8 [H, W, 3], or [H, W, 4] where the file has transparency.

    Raises:
        BadRequest: the file is missing, unreadable, no picture, cut off or larger than `limit` pixels.
    """
    with opened(path, limit) as image:
        profile = image.info.get("icc_profile")
        upright = _eight_bits(ImageOps.exif_transpose(image), path)
        clear = upright.has_transparency_data
        lab = upright.mode == "LAB"
        if upright.mode in ("P", "PA", "RGBa", "La", "YCbCr", "HSV", "1", "I") or (
            clear and upright.mode in ("L", "RGB")
        ):
            upright = upright.convert("RGBA" if clear else "RGB" if upright.mode != "1" else "L")
        rgb = _to_srgb(upright, profile, lab)
        return Clip.picture(np.array(rgb.convert("RGBA" if clear else "RGB")))


def read_mask(path: Path | str, limit: int = MAX_PIXELS) -> Clip:
    """A mask file -> mask, uint8 [H, W]; 0 = keep, 255 = change.

    Of a picture with transparency, what is opaque is masked (a painted layer is its own mask); of any other, what is
    white. A `.npy` file holds a [H, W] array: bool, 8 or 16 bits, or floats in [0, 1].

    Raises:
        BadRequest: as `read_picture`; also for NaN and for floats outside [0, 1].
    """
    if str(path).lower().endswith(".npy"):
        return Clip.mask(_array_mask(path, limit))
    with opened(path, limit) as image:
        upright = ImageOps.exif_transpose(image)
        if upright.mode == "F":
            return Clip.mask(_unit_floats(np.array(upright), path))
        upright = _eight_bits(upright, path)
        if upright.has_transparency_data:
            alpha = np.array(upright.convert("RGBA").getchannel("A"))
            if alpha.min() < 255:
                return Clip.mask(alpha)
            upright = upright.convert("RGB")
        return Clip.mask(np.array(upright.convert("L")))


def read_source(source: Source, kind: Literal["picture", "mask"] = "picture") -> Clip:
    """An input of a request -> clip. Where the source has a digest and the file read as `kind` does not match it, the
    other reading is tried: the digest says which one was meant.

    Raises:
        BadRequest: as `read_picture`; also when the file has changed since the request was made.
    """
    first, second = (read_picture, read_mask) if kind == "picture" else (read_mask, read_picture)
    if source.path.lower().endswith(".npy"):
        first, second = read_mask, read_mask
    clip = first(source.path)
    if source.sha256 and clip.digest() != source.sha256:
        clip = second(source.path)
        if clip.digest() != source.sha256:
            raise BadRequest(
                f"{source.path} has changed since the request was made; choose it again, or remove sha256 from the request"
                " to use it as it is."
            )
    return clip


def save_picture(
    clip: Clip,
    path: Path | str,
    spec: JobSpec | None = None,
    *,
    quality: int = 92,
    replace: bool = True,
    profile: bool = False,
) -> None:
    """Writes a picture or mask in one step, in the format that the name's ending says, with the request in its metadata.

    Args:
        spec: what made the picture; None writes no metadata.
        quality: 1-100 for JPEG, WebP and AVIF; 100 is lossless for WebP and AVIF.
        replace: whether a file that is already there is replaced.
        profile: whether the sRGB profile is written into the file, for programs that take nothing for granted.

    Raises:
        BadRequest: unknown ending, full disk, read-only folder and the like.
        FileExistsError: the file is there and `replace` is false.
    """
    path = Path(path)
    if clip.kind not in ("picture", "mask"):
        raise BadRequest(
            f"{path}: a {clip.kind} cannot be saved as a picture; choose a file type made for it."
        )
    format = SUFFIXES.get(path.suffix.lower())
    if format is None:
        raise BadRequest(
            f"{path}: {path.suffix or 'no ending'} is not a picture type; use one of {', '.join(SUFFIXES)}."
        )
    image = Image.fromarray(np.ascontiguousarray(clip.array))
    if (
        format == "JPEG" and image.mode == "RGBA"
    ):  # JPEG has no transparency: on white, as paper would show it
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    options: dict[str, Any] = {}
    match format:
        case "PNG":
            options["compress_level"] = 6
        case "JPEG":
            options |= {"quality": quality, "subsampling": 0 if quality >= 90 else 2, "optimize": True}
        case "WEBP" if quality >= 100:
            options |= {"lossless": True, "exact": True}
        case "AVIF" if quality >= 100:
            options |= {"quality": 100, "subsampling": "4:4:4"}
        case "WEBP" | "AVIF":
            options["quality"] = quality
        case _:
            options["compression"] = "tiff_deflate"
    if spec is not None:
        options |= metadata.save_options(format, spec, clip.width, clip.height)
    if profile:
        options["icc_profile"] = srgb_profile()
    files.write_whole(path, lambda file: _encode(image, file, format, options, path), replace=replace)


@functools.cache
def srgb_profile() -> bytes:
    """An ICC profile of sRGB, the same bytes at any time."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[24:36] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)  # when it was made is nobody's business
    return bytes(made)


def _encode(image: Image.Image, file: Any, format: str, options: dict[str, Any], path: Path) -> None:
    buffer = io.BytesIO()  # encoders seek and may fail half way: the disk sees only a finished file
    try:
        image.save(buffer, format, **options)
    except (ValueError, KeyError, OSError) as error:
        raise BadRequest(
            f"{path}: a picture of {image.width} x {image.height} cannot be written as {format} ({error}); save it as PNG."
        ) from error
    file.write(buffer.getbuffer())


# --- reading ------------------------------------------------------------------------------------------------


@contextmanager
def opened(path: Path | str, limit: int = MAX_PIXELS, decode: bool = True) -> Iterator[Image.Image]:
    """The file as Pillow's image, its size checked and its first frame decoded; every failure becomes a BadRequest."""
    files.check_file(path)
    Image.init()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on odd files; what matters is said below
            with Image.open(path, formats=READABLE) as image:
                width, height = image.size
                if width * height > limit:
                    raise BadRequest(_too_large(path, f"{width} x {height} pixels", limit))
                if width < 1 or height < 1:
                    raise BadRequest(
                        f"{path} is a picture without pixels ({width} x {height}); choose another."
                    )
                if decode:
                    image.load()
                yield image
    except BadRequest:
        raise
    except Image.UnidentifiedImageError:
        raise BadRequest(
            f"{path} is not a picture that can be read; use PNG, JPEG, WebP, AVIF or TIFF."
        ) from None
    except Image.DecompressionBombError:
        raise BadRequest(_too_large(path, "too many pixels", limit)) from None
    except MemoryError:
        raise BadRequest(f"{path} does not fit into memory; make the picture smaller.") from None
    except OSError as error:
        if error.errno:
            raise BadRequest(files.sentence(path, error)) from None
        raise BadRequest(_damaged(path, error)) from None
    except Exception as error:  # a decoder may raise anything at all on damaged or hostile bytes
        raise BadRequest(_damaged(path, error)) from None


def _too_large(path: Path | str, size: str, limit: int) -> str:
    return f"{path} has {size} and at most {limit / 1e6:.0f} million are read; make the picture smaller."


def _damaged(path: Path | str, error: Exception) -> str:
    return f"{path} is damaged or cut off ({error or type(error).__name__}); get or save it again."


def _eight_bits(image: Image.Image, path: Path | str) -> Image.Image:
    """Grey pictures of more than 8 bits -> 8 bits. Ranges: 16 bits 0..65535; 32 bits and floats by what they hold."""
    if image.mode.startswith("I;16"):
        return Image.fromarray(((np.array(image).astype(np.uint32) + 128) // 257).astype(np.uint8))
    if image.mode == "I":
        array = np.array(image).clip(0).astype(np.int64)
        top = next(bound for bound in (255, 65535, 2**31 - 1) if array.max() <= bound)
        return Image.fromarray(((array * 255 + top // 2) // top).astype(np.uint8))
    if image.mode == "F":
        array = np.array(image)
        if not np.isfinite(array).all():
            raise BadRequest(f"{path} holds NaN or infinite pixels; export it again with ordinary numbers.")
        top = 1.0 if array.max() <= 1 else 255.0
        return Image.fromarray((array.clip(0, top) * (255 / top) + 0.5).astype(np.uint8))
    return image


def _to_srgb(image: Image.Image, profile: bytes | None, lab: bool) -> Image.Image:
    """Applies the embedded profile; without one, or with a broken one, pixels are sRGB already (Lab excepted)."""
    if not profile and not lab:
        return image
    try:
        source = (
            ImageCms.createProfile("LAB") if lab else ImageCms.ImageCmsProfile(io.BytesIO(profile or b""))
        )
        alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
        opaque = image.convert(image.mode.removesuffix("A")) if alpha else image
        convert = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            opaque.mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        if opaque.mode == "RGB" and _changes_nothing(convert):
            return image  # it is sRGB under whatever name; converting it to itself would only round
        result = convert.apply(opaque)
        if alpha:
            result.putalpha(alpha)
        return result
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


def _changes_nothing(convert: ImageCms.ImageCmsTransform) -> bool:
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(levels.size, -1, 3)
    after = np.array(convert.apply(Image.fromarray(cube)))
    return int(np.abs(after.astype(int) - cube).max()) <= 2


def _array_mask(path: Path | str, limit: int) -> NDArray[np.uint8]:
    files.check_file(path)
    try:
        array = np.lib.format.open_memmap(
            path, mode="r"
        )  # only the header is read here, and objects are refused
    except OSError as error:
        raise BadRequest(files.sentence(path, error) if error.errno else _damaged(path, error)) from None
    except (ValueError, EOFError, SyntaxError, MemoryError, OverflowError) as error:
        raise BadRequest(
            f"{path} is not a usable array file ({str(error).splitlines()[0]}); save it with numpy.save."
        ) from None
    if array.ndim != 2 or 0 in array.shape:
        raise BadRequest(
            f"{path} must hold a mask of shape (height, width), not {array.shape}; save one layer of it."
        )
    if array.size > limit:
        raise BadRequest(_too_large(path, f"{array.shape[1]} x {array.shape[0]} pixels", limit))
    if array.dtype == np.bool_:
        return np.where(array, np.uint8(255), np.uint8(0))
    if array.dtype == np.uint8:
        return np.array(array)
    if array.dtype == np.uint16:
        return ((array.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if array.dtype.kind == "f":
        return _unit_floats(np.asarray(array, np.float64), path)
    if array.dtype.kind in "iu" and array.min() >= 0 and array.max() <= 255:
        return array.astype(np.uint8)
    raise BadRequest(
        f"{path} holds {array.dtype} values that are no mask; use bool, 0..255, or floats from 0 to 1."
    )


def _unit_floats(array: NDArray[Any], path: Path | str) -> NDArray[np.uint8]:
    if np.isnan(array).any():
        raise BadRequest(
            f"{path} holds NaN, which is no part of a mask; fill those places with 0 or 1 and save it again."
        )
    if array.min() < 0 or array.max() > 1:
        raise BadRequest(
            f"{path} holds numbers from {array.min():g} to {array.max():g}; a mask of floats goes from 0 to 1."
        )
    return (array * 255 + 0.5).astype(np.uint8)
