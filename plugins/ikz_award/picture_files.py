"""Pictures as they go out: drawn anew, so that nothing of the submitted file is left but what is to be seen. Knows Pillow."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from ikz_award import files, pictures

WIDTHS = (480, 960, 1600)
# Before a decoder runs, ``pictures`` has read the size from the structure; this is the second lock.
Image.MAX_IMAGE_PIXELS = pictures.MAX_PIXELS
_KINDS = ("PNG", "JPEG", "WEBP")
_QUALITY, _JPEG_QUALITY = 80, 88
# What a broken or hostile file can raise in Pillow and in the libraries below it.
_FAILURES = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, MemoryError)


@dataclass(frozen=True, slots=True)
class Variant:
    """One published size of a picture."""

    width: int
    height: int
    data: bytes


def problem(file: Path) -> str:
    """Why the picture cannot be drawn anew, as a German half sentence, or empty."""
    return "" if _opens(_bytes(file)) else "sie lässt sich nicht öffnen, das Bild darin ist beschädigt"


def variants(file: Path) -> tuple[Variant, ...]:
    """The sizes to publish, from small to large, never larger than the picture; none if it cannot be opened."""
    return _variants(_bytes(file))


def redrawn(file: Path) -> bytes:
    """The picture in its own size and kind, for whoever leads to it by its name; nothing if it cannot be opened."""
    return _redrawn(_bytes(file), file.suffix)


def _bytes(file: Path) -> bytes:
    """Nothing, which is no picture, of a file that is not one any more since it was checked."""
    try:
        return files.read(file, pictures.MAX_BYTES)
    except OSError:
        return b""


# A preview builds again and again; the same bytes are decoded and drawn once.
@lru_cache(maxsize=256)
def _opens(data: bytes) -> bool:
    try:
        _decode(data)
    except (*_FAILURES, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return False
    return True


@lru_cache(maxsize=64)
def _variants(data: bytes) -> tuple[Variant, ...]:
    if not _opens(data):
        return ()
    image, is_drawing = _decode(data)
    widths = [one for one in WIDTHS if one < image.width]
    if image.width <= WIDTHS[-1]:
        widths.append(image.width)
    kept: list[Variant] = []
    for width in reversed(widths):
        one = _encode(image, width, is_drawing)
        # A drawing can grow as it shrinks, since its edges blur; then the larger one serves all.
        if not kept or len(one.data) < len(kept[-1].data):
            kept.append(one)
    return tuple(reversed(kept))


@lru_cache(maxsize=64)
def _redrawn(data: bytes, suffix: str) -> bytes:
    if not _opens(data):
        return b""
    image, _ = _decode(data)
    stream = io.BytesIO()
    match suffix:
        case ".webp":
            return _webp(image, lossless=False)
        case ".png":
            image.save(stream, "PNG", optimize=True)
        case _:
            image.convert("RGB").save(stream, "JPEG", quality=_JPEG_QUALITY)
    return stream.getvalue()


def _decode(data: bytes) -> tuple[Image.Image, bool]:
    """Pixels only: upright, in sRGB, without anything the file says beside them; and whether it may be a drawing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(data), formats=_KINDS) as opened:
            is_drawing = opened.format == "PNG"
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            profile = upright.info.get("icc_profile")
            has_alpha = upright.has_transparency_data
            shown = _in_srgb(_eight_bits(upright), profile, "RGBA" if has_alpha else "RGB")
    # A fresh picture takes over no Exif, no XMP, no profile and no comment.
    return Image.frombytes(shown.mode, shown.size, shown.tobytes()), is_drawing


def _eight_bits(image: Image.Image) -> Image.Image:
    """PNG knows greys of 16 bits; Pillow would cut them off instead of scaling them."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image


def _in_srgb(image: Image.Image, profile: object, mode: str) -> Image.Image:
    # Profiles for transparent or indexed pictures do not occur outside of test images; those keep their numbers.
    if isinstance(profile, bytes) and image.mode in {"RGB", "CMYK", "L"} and mode == "RGB":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError):
            turned = None
        if turned is not None:
            return turned
    return image.convert(mode)


def _encode(image: Image.Image, width: int, is_drawing: bool) -> Variant:  # noqa: FBT001
    height = max(1, round(image.height * width / image.width))
    sized = image if width == image.width else image.resize((width, height), Image.Resampling.LANCZOS)
    written = [_webp(sized, lossless=False)]
    if is_drawing:
        # Charts and logos are sharper and mostly smaller without loss; photos saved as PNG are not.
        written.append(_webp(sized, lossless=True))
    return Variant(sized.width, sized.height, min(written, key=len))


def _webp(image: Image.Image, *, lossless: bool) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "WEBP", quality=_QUALITY, method=4, lossless=lossless)
    return stream.getvalue()
