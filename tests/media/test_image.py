"""Pictures of every kind come in as 8-bit sRGB the right way up; bad files are one sentence; nothing half written stays."""

import errno
import io
import os
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from studio.core.clip import Clip
from studio.core.job import BadRequest, Source
from studio.media import files
from studio.media.image import read_mask, read_picture, read_source, save_picture

H, W = 6, 10
RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (H, W, 3), np.uint8)
RGBA = RNG.integers(0, 256, (H, W, 4), np.uint8)
SMOOTH = np.stack(
    np.broadcast_arrays(np.linspace(0, 255, 64)[:, None], np.linspace(255, 0, 48), 128), -1
).astype(np.uint8)


def sentence(caught: pytest.ExceptionInfo[BadRequest], path: Path | str = "") -> str:
    text = str(caught.value)
    assert str(path) in text
    assert text.endswith(".")
    assert "\n" not in text
    assert ";" in text, "no remedy"
    return text


# --- there and back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".png", ".tiff", ".tif"])
@pytest.mark.parametrize("array", [RGB, RGBA], ids=["rgb", "rgba"])
def test_what_is_saved_without_loss_comes_back(tmp_path: Path, suffix: str, array: np.ndarray) -> None:
    save_picture(Clip.picture(array), tmp_path / f"a{suffix}")
    assert np.array_equal(read_picture(tmp_path / f"a{suffix}").array, array)


@pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".webp", ".avif"])
def test_what_is_saved_with_loss_comes_back_nearly(tmp_path: Path, suffix: str) -> None:
    save_picture(Clip.picture(SMOOTH), tmp_path / f"a{suffix}")
    back = read_picture(tmp_path / f"a{suffix}").array
    assert np.abs(back.astype(int) - SMOOTH).mean() < 2


def test_webp_of_full_quality_is_exact(tmp_path: Path) -> None:
    save_picture(Clip.picture(RGBA), tmp_path / "a.webp", quality=100)
    assert np.array_equal(read_picture(tmp_path / "a.webp").array, RGBA)


def test_jpeg_puts_transparency_on_white(tmp_path: Path) -> None:
    clear = np.zeros((16, 16, 4), np.uint8)
    save_picture(Clip.picture(clear), tmp_path / "a.jpg")
    assert read_picture(tmp_path / "a.jpg").array.min() > 250


def test_a_mask_comes_back(tmp_path: Path) -> None:
    mask = Clip.mask(RGB[:, :, 0])
    save_picture(mask, tmp_path / "m.png")
    assert read_mask(tmp_path / "m.png").digest() == mask.digest()


# --- what comes in --------------------------------------------------------------------------------------------


def saved(tmp_path: Path, image: Image.Image, name: str = "a.png", **options: Any) -> Path:
    image.save(tmp_path / name, **options)
    return tmp_path / name


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_camera_s_orientation_is_applied(tmp_path: Path, orientation: int) -> None:
    undo = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: a.transpose(1, 0, 2)[::-1, ::-1],
        8: lambda a: np.rot90(a, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(undo[orientation](RGB))
    path = saved(tmp_path, Image.fromarray(stored), exif=exif)
    assert np.array_equal(read_picture(path).array, RGB)


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    grey = np.array([[0, 128, 257, 65535]], np.uint16)
    back = read_picture(saved(tmp_path, Image.fromarray(grey))).array
    assert back[0, :, 0].tolist() == [0, 0, 1, 255]
    assert back.shape == (1, 4, 3)


def test_floats_become_eight_bits(tmp_path: Path) -> None:
    grey = np.array([[0, 0.5, 1]], np.float32)
    assert read_picture(saved(tmp_path, Image.fromarray(grey), "a.tiff")).array[0, :, 0].tolist() == [
        0,
        128,
        255,
    ]


def test_palettes_keep_their_transparency(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.putpixel((1, 0), 1)
    assert read_picture(saved(tmp_path, image)).array.tolist() == [[[255, 0, 0], [0, 255, 0]]]
    back = read_picture(saved(tmp_path, image, transparency=0)).array
    assert back.tolist() == [[[255, 0, 0, 0], [0, 255, 0, 255]]]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "CMYK", "LAB", "YCbCr"])
def test_every_mode_is_a_picture(tmp_path: Path, mode: str) -> None:
    name = "a.tiff" if mode in ("CMYK", "LAB", "YCbCr") else "a.png"
    back = read_picture(saved(tmp_path, Image.new(mode, (W, H)), name))
    assert back.array.shape == (H, W, 4 if mode in ("LA", "RGBA") else 3)


def swapped_profile() -> bytes:
    """sRGB with the primaries red and green exchanged: what a file calls red is green on the screen."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {
        bytes(data[i : i + 4]): i for i in range(132, 132 + 12 * int.from_bytes(data[128:132], "big"), 12)
    }
    r, g = tags[b"rXYZ"] + 4, tags[b"gXYZ"] + 4
    data[r : r + 8], data[g : g + 8] = data[g : g + 8], data[r : r + 8]
    return bytes(data)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tiff", "a.webp", "a.avif"])
def test_a_colour_profile_is_converted(tmp_path: Path, name: str) -> None:
    red = Image.new("RGB", (16, 16), (255, 0, 0))
    pixel = read_picture(saved(tmp_path, red, name, icc_profile=swapped_profile())).array[8, 8].astype(int)
    assert np.abs(pixel - (0, 255, 0)).max() < 12


def test_a_colour_profile_leaves_transparency_alone(tmp_path: Path) -> None:
    red = Image.new("RGBA", (1, 1), (255, 0, 0, 77))
    pixel = read_picture(saved(tmp_path, red, icc_profile=swapped_profile())).array[0, 0].astype(int)
    assert np.abs(pixel - (0, 255, 0, 77)).max() < 4


def test_lab_is_converted(tmp_path: Path) -> None:
    lab = Image.new("LAB", (1, 1), (138, 128, 128))  # a neutral middle grey, L* = 54
    grey = read_picture(saved(tmp_path, lab, "a.tiff")).array[0, 0]
    assert np.abs(grey.astype(int) - 129).max() <= 3


def test_a_profile_that_says_srgb_changes_nothing(tmp_path: Path) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = saved(tmp_path, Image.fromarray(RGB), icc_profile=srgb)
    assert np.array_equal(read_picture(path).array, RGB)


def test_a_broken_profile_does_not_stop_the_picture(tmp_path: Path) -> None:
    for broken in (ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes(), b"no profile"):
        path = saved(tmp_path, Image.fromarray(RGB), icc_profile=broken)
        assert np.array_equal(read_picture(path).array, RGB)


def test_of_an_animation_the_first_frame_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    for name in ("a.gif", "a.webp", "a.png"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
        assert read_picture(tmp_path / name).array[0, 0, 0] > 200


# --- masks ------------------------------------------------------------------------------------------------------


def test_a_mask_is_alpha_where_there_is_any_else_brightness(tmp_path: Path) -> None:
    layer = np.zeros((H, W, 4), np.uint8)
    layer[2:, :, 3] = 200
    assert read_mask(saved(tmp_path, Image.fromarray(layer))).array[:, 0].tolist() == [
        0,
        0,
        200,
        200,
        200,
        200,
    ]
    opaque = np.full((H, W, 4), 255, np.uint8)
    opaque[:3, :, :3] = 0
    assert read_mask(saved(tmp_path, Image.fromarray(opaque))).array[:, 0].tolist() == [
        0,
        0,
        0,
        255,
        255,
        255,
    ]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([[False, True]]), [0, 255]),
        (np.array([[0, 7]], np.uint8), [0, 7]),
        (np.array([[0, 65535]], np.uint16), [0, 255]),
        (np.array([[0, 200]], np.int64), [0, 200]),
        (np.array([[0, 1]], np.float16), [0, 255]),
        (np.array([[0.5, 1]], np.float64), [128, 255]),
    ],
)
def test_arrays_are_masks(tmp_path: Path, array: np.ndarray, expected: list[int]) -> None:
    np.save(tmp_path / "m.npy", array)
    assert read_mask(tmp_path / "m.npy").array.tolist() == [expected]


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (np.array([[0, np.nan]]), "NaN"),
        (np.array([[0, np.inf]]), "numbers from 0 to inf"),
        (np.array([[-0.5, 1]]), "numbers from -0.5"),
        (np.array([[0, 300]]), "no mask"),
        (np.array([["a"]]), "no mask"),
        (np.array([0.0]), "shape"),
        (np.zeros((0, 3)), "shape"),
        (np.zeros((2, 2, 3)), "shape"),
    ],
)
def test_arrays_that_are_no_masks_are_told(tmp_path: Path, array: np.ndarray, told: str) -> None:
    np.save(tmp_path / "m.npy", array)
    with pytest.raises(BadRequest, match=told) as caught:
        read_mask(tmp_path / "m.npy")
    assert "m.npy" in str(caught.value)


def test_an_array_file_is_never_executed(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", np.array([[{"a": 1}]]), allow_pickle=True)
    (tmp_path / "n.npy").write_bytes(b"\x93NUMPY\x01\x00nonsense")
    (tmp_path / "z.npy").write_bytes(b"PK\x03\x04 not a zip")
    for name in ("m.npy", "n.npy", "z.npy"):
        with pytest.raises(BadRequest, match=name):
            read_mask(tmp_path / name)


def test_nan_in_a_float_picture_is_told(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(np.array([[0, np.nan]], np.float32)), "m.tiff")
    for read in (read_mask, read_picture):
        with pytest.raises(BadRequest, match="NaN"):
            read(path)


# --- bad files --------------------------------------------------------------------------------------------------


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(60_000, 60_000), (14_000, 13_000), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused_by_its_header(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(*size))
    start = time.perf_counter()
    for read in (read_picture, read_mask):
        with pytest.raises(BadRequest, match="make the picture smaller") as caught:
            read(path)
        sentence(caught, path)
    assert time.perf_counter() - start < 1


def test_a_picture_of_no_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "zero.png"
    path.write_bytes(png_header(0, 10))
    with pytest.raises(BadRequest) as caught:
        read_picture(path)
    sentence(caught, path)


def test_the_limit_can_be_lower(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(RGB))
    with pytest.raises(BadRequest, match="10 x 6 pixels"):
        read_picture(path, limit=59)
    read_picture(path, limit=60)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "AVIF", "TIFF", "GIF", "BMP"])
def test_every_way_to_cut_or_bend_a_file_is_told(tmp_path: Path, format: str) -> None:
    """Cut anywhere and with bytes changed anywhere: it is read, or told in a sentence; never another exception."""
    buffer = io.BytesIO()
    Image.fromarray(RGB).resize((40, 30)).save(buffer, format)
    whole = buffer.getvalue()
    random = np.random.default_rng(1)
    path = tmp_path / "bent"
    refused = 0
    for i in range(60):
        data = bytearray(whole)
        if i % 2:
            for place in random.integers(0, len(data), 4):
                data[place] = random.integers(256)
        else:
            del data[random.integers(len(data)) :]
        path.write_bytes(data)
        try:
            read_picture(path)
        except BadRequest as error:
            refused += 1
            assert str(path) in str(error)
            assert "\n" not in str(error)
    assert refused > 10


def test_what_is_no_picture_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "empty.png").touch()
    (tmp_path / "script.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n")
    expected = {
        "text.png": "not a picture",
        "empty.png": "empty",
        "script.eps": "not a picture",
        "": "folder",
        "none.png": "not exist",
    }
    for name, told in expected.items():
        for read in (read_picture, read_mask):
            with pytest.raises(BadRequest, match=told) as caught:
                read(tmp_path / name)
            sentence(caught, tmp_path / name)
    for path in ("a\0b.png", "x" * 5000 + ".png", str(tmp_path / "text.png" / "below.png")):
        with pytest.raises(BadRequest):
            read_picture(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(BadRequest, match="ordinary file"):
        read_picture(tmp_path / "pipe.png")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything"
)
def test_a_forbidden_file_is_told(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(RGB))
    path.chmod(0)
    with pytest.raises(BadRequest, match="permissions"):
        read_picture(path)


# --- sources ----------------------------------------------------------------------------------------------------


def test_the_digest_says_which_reading_was_meant(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(RGBA))
    for clip in (read_picture(path), read_mask(path)):
        assert read_source(Source(path=str(path), sha256=clip.digest())).digest() == clip.digest()
    assert read_source(Source(path=str(path))).kind == "picture"
    assert read_source(Source(path=str(path)), "mask").kind == "mask"


def test_a_changed_input_is_noticed(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.fromarray(RGB))
    with pytest.raises(BadRequest, match="has changed") as caught:
        read_source(Source(path=str(path), sha256="0" * 64))
    sentence(caught, path)


# --- writing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permissions"),
        (errno.EIO, "disk reports"),
    ],
)
def test_a_failed_write_keeps_the_old_file_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, told: str
) -> None:
    path = tmp_path / "a.png"
    save_picture(Clip.picture(RGB), path)
    before = path.read_bytes()

    def full(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(BadRequest, match=told) as caught:
        save_picture(Clip.picture(255 - RGB), path)
    sentence(caught, path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.png"]


def test_an_interrupted_write_leaves_nothing(tmp_path: Path) -> None:
    def interrupted(file: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        files.write_whole(tmp_path / "a", interrupted)
    assert not os.listdir(tmp_path)


def test_nothing_is_overwritten_when_that_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*args: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    for name in ("with-links", "without"):
        path = tmp_path / name
        files.write_whole(path, lambda file: file.write(b"1"), replace=False)
        with pytest.raises(FileExistsError):
            files.write_whole(path, lambda file: file.write(b"2"), replace=False)
        assert path.read_bytes() == b"1"
        monkeypatch.setattr(files.os, "link", no_links)
    assert sorted(os.listdir(tmp_path)) == ["with-links", "without"]


def test_places_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    clip = Clip.picture(RGB)
    for path in (
        tmp_path / "file" / "a.png",
        tmp_path / "absent" / "a.png",
        tmp_path / ("x" * 300 + ".png"),
        tmp_path / "a.doc",
        tmp_path / "a",
    ):
        with pytest.raises(BadRequest) as caught:
            save_picture(clip, path)
        sentence(caught, path)
    with pytest.raises(BadRequest, match="cannot be written as WEBP"):
        save_picture(Clip.picture(np.zeros((1, 16384, 3), np.uint8)), tmp_path / "a.webp")
    assert os.listdir(tmp_path) == ["file"]


def test_folders_are_proved_before_they_are_needed(tmp_path: Path) -> None:
    assert files.ready_folder(tmp_path / "a" / "b").is_dir()
    assert not os.listdir(tmp_path / "a" / "b")
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("a\0b")):
        with pytest.raises(BadRequest, match=r"^out: "):
            files.ready_folder(folder)
    with pytest.raises(BadRequest, match="free some space"):
        files.ready_folder(tmp_path, need=1 << 60)


@pytest.mark.skipif(
    not os.path.isdir("/proc/self"), reason="no file system here that even the superuser cannot write to"
)
def test_a_read_only_folder_is_told() -> None:
    with pytest.raises(BadRequest, match=r"^out: .*choose|check"):
        files.ready_folder(Path("/proc/self/studio"))
