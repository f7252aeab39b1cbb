"""Published pictures are drawn anew: nothing of the submitted file is left but what is to be seen."""

from __future__ import annotations

import io
import re
import struct
import subprocess
import sys
import zlib

import pytest
from PIL import Image, ImageCms, PngImagePlugin

import support
from ikz_award import build, content, picture_files, pictures

SECRET = b"KANARIE-aufgenommen-von"
RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Left half red, right half blue."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image.convert(mode)


def with_secrets(image: Image.Image, kind: str, orientation: int = 1) -> bytes:
    """The picture with a place, a device, an author and a comment in every way its kind knows."""
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    exif[0x0112] = orientation
    exif[0x8825] = {1: "N", 2: (51.0, 57.0, 20.0), 3: "E", 4: (7.0, 37.0, 40.0), 29: SECRET.decode()}
    stream = io.BytesIO()
    more: dict[str, object] = {"exif": exif}
    if kind == "JPEG":
        more |= {"comment": SECRET, "quality": 90, "xmp": b"<x:xmpmeta>" + SECRET}
    elif kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", SECRET.decode())
        more |= {"pnginfo": text}
    else:
        more |= {"xmp": b"<x:xmpmeta>" + SECRET}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image.save(stream, kind, icc_profile=profile.replace(b"sRGB built-in", SECRET[:13]), **more)
    data = stream.getvalue() + (SECRET if kind == "JPEG" else b"")
    assert SECRET in data
    return data


def written(tmp_path, data: bytes) -> tuple[picture_files.Variant, ...]:
    file = tmp_path / "bild.png"
    file.write_bytes(data)
    return picture_files.variants(file)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_no_byte_tells_who_took_a_picture_where(tmp_path, kind):
    for one in written(tmp_path, with_secrets(picture(1000, 500), kind)):
        assert SECRET[:7] not in one.data
        # WebP keeps such things in chunks of these names.
        assert not re.search(rb"EXIF|XMP |ICCP|GPS", one.data)
        with Image.open(io.BytesIO(one.data)) as shown:
            assert shown.format == "WEBP"
            assert not shown.getexif()
            assert set(shown.info) <= {"loop", "background", "timestamp", "duration"}


@pytest.mark.parametrize(
    "width, widths",
    [(400, [400]), (480, [480]), (700, [480, 700]), (1600, [480, 960, 1600]), (2000, [480, 960, 1600])],
)
def test_a_picture_is_never_made_larger_than_it_came(tmp_path, width, widths):
    noisy = Image.effect_noise((width, width // 2), 60).convert("RGB")
    stream = io.BytesIO()
    noisy.save(stream, "JPEG", quality=90)
    found = written(tmp_path, stream.getvalue())
    assert [one.width for one in found] == widths
    assert [one.height for one in found] == [round(one / 2) for one in widths]
    sizes = [len(one.data) for one in found]
    assert sizes == sorted(sizes)
    with Image.open(io.BytesIO(found[-1].data)) as shown:
        assert shown.size == (found[-1].width, found[-1].height)


def test_a_drawing_that_would_grow_as_it_shrinks_goes_out_once(tmp_path):
    stream = io.BytesIO()
    picture(1000, 500).save(stream, "PNG")
    sizes = [len(one.data) for one in written(tmp_path, stream.getvalue())]
    assert sizes == sorted(set(sizes))


def test_a_picture_lies_as_it_was_taken(tmp_path):
    """Orientation 6: turned by a quarter, so that the left half is at the top."""
    (small, *_) = written(tmp_path, with_secrets(picture(800, 400), "JPEG", orientation=6))
    assert small.width < small.height
    with Image.open(io.BytesIO(small.data)) as shown:
        top, bottom = (shown.convert("RGB").getpixel((small.width // 2, y)) for y in (10, small.height - 10))
    assert near(top, RED)
    assert near(bottom, BLUE)


def near(found, wanted) -> bool:
    return all(abs(a - b) < 25 for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "I;16"])
def test_every_kind_of_colour_is_shown(tmp_path, mode):
    stream = io.BytesIO()
    if mode == "I;16":
        Image.new("I;16", (400, 300), 0x8000).save(stream, "PNG")
    else:
        picture(400, 300, mode).save(stream, "JPEG" if mode == "CMYK" else "PNG")
    (only,) = written(tmp_path, stream.getvalue())
    with Image.open(io.BytesIO(only.data)) as shown:
        left = shown.convert("RGB").getpixel((50, 50))
    wanted = {"CMYK": RED, "P": (204, 0, 0), "I;16": (128, 128, 128)}.get(mode)
    assert wanted is None or near(left, wanted)


def test_a_colour_profile_is_worked_in_and_left_out(tmp_path):
    """In a profile whose red and blue are exchanged, red is blue."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = (profile.index(one) for one in (b"rXYZ", b"bXYZ"))
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    stream = io.BytesIO()
    Image.new("RGB", (400, 300), (220, 20, 20)).save(stream, "JPEG", icc_profile=bytes(profile), quality=95)
    (only,) = written(tmp_path, stream.getvalue())
    with Image.open(io.BytesIO(only.data)) as shown:
        pixel = shown.convert("RGB").getpixel((200, 150))
    assert pixel[2] > 150 > pixel[0]


def test_transparent_places_stay_transparent(tmp_path):
    stream = io.BytesIO()
    Image.new("RGBA", (400, 300), (10, 200, 10, 0)).save(stream, "PNG")
    (only,) = written(tmp_path, stream.getvalue())
    with Image.open(io.BytesIO(only.data)) as shown:
        assert shown.mode == "RGBA"
        assert shown.getpixel((5, 5))[3] == 0


def test_the_same_picture_gives_the_same_bytes(tmp_path):
    data = with_secrets(picture(900, 600), "JPEG")
    first = written(tmp_path, data)
    picture_files._variants.cache_clear()
    assert written(tmp_path, data) == first


def bomb(width: int, height: int, packed: bytes = b"", depth: int = 8, colour: int = 2) -> bytes:
    """A small file that says it is a large picture."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    packed = packed or zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        bomb(30_000, 30_000),
        bomb(4000, 3100),
        bomb(800, 600),
        with_secrets(picture(600, 400), "JPEG")[:900],
        b"GIF89a" + b"\0" * 50,
    ],
    ids=["empty", "text", "bomb", "over-the-limit", "cut-pixels", "cut-file", "other-kind"],
)
def test_what_cannot_be_opened_is_said_and_never_raised(tmp_path, data):
    file = tmp_path / "bild.png"
    file.write_bytes(data)
    assert "beschädigt" in picture_files.problem(file)
    assert picture_files.variants(file) == ()


MEASURE = """
import re, sys, time
from pathlib import Path
from ikz_award import picture_files, pictures
file = Path(sys.argv[1])
before = time.process_time()
said = pictures.problem(file) or picture_files.problem(file)
spent = time.process_time() - before
# Of this program alone; the system's own account of a child begins with the size of whoever started it.
peak = re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())
print(spent, int(peak[1]) // 1024, len(picture_files.variants(file)), said)
"""


def gif_in_webp(frames: int) -> bytes:
    stream = io.BytesIO()
    first, *more = [Image.new("RGB", (600, 400), (one * 7 % 256, 0, 0)) for one in range(frames)]
    first.save(stream, "WEBP", save_all=True, append_images=more, lossless=True)
    return stream.getvalue()


def complete_bomb(width: int, height: int) -> bytes:
    """All its pixels are there, packed: black compresses by a thousand."""
    return bomb(width, height, zlib.compress(b"\0" * (height * (width // 8 + 1)), 9), depth=1, colour=0)


@pytest.mark.parametrize(
    "data, said",
    [
        (lambda: bomb(9000, 9000), "9000 Bildpunkte breit"),
        (lambda: complete_bomb(9000, 9000), "9000 Bildpunkte breit"),
        (lambda: complete_bomb(20_000, 20_000), "20000 Bildpunkte breit"),
        (lambda: complete_bomb(4000, 3001), "mehr als 12 Millionen"),
        (lambda: bomb(2**31 - 1, 2**31 - 1), "2147483647 Bildpunkte breit"),
        (lambda: bomb(800, 0), "0 Bildpunkte hoch"),
    ],
    ids=["empty", "9000", "20000", "just-over", "largest", "no-height"],
)
def test_a_bomb_is_refused_within_a_second_and_200_megabytes(tmp_path, data, said):
    file = tmp_path / "bild.png"
    file.write_bytes(data())
    assert file.stat().st_size < 600_000
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, file], capture_output=True, text=True, check=True, timeout=60
    )
    seconds, megabytes, variants, reason = done.stdout.strip().split(" ", 3)
    assert said in reason
    assert int(variants) == 0
    assert float(seconds) < 1
    assert int(megabytes) < 200


def test_no_bomb_goes_out_beside_a_page_either(tmp_path):
    """One more row than may be; and what only says that it has so many is no picture."""
    (tmp_path / "content").mkdir()
    (tmp_path / "content/bild.png").write_bytes(bomb(4000, 3001))
    (tmp_path / "content/leer.png").write_bytes(bomb(4000, 3000))
    Image.new("L", (4000, 3000)).save(tmp_path / "content/gut.png")
    _, findings = content.read_all(tmp_path)
    assert [(one.code, one.place.path, one.values["grund"]) for one in findings] == [
        ("E311", "content/bild.png", "sie hat mehr als 12 Millionen Bildpunkte"),
        ("E311", "content/leer.png", "sie lässt sich nicht öffnen, das Bild darin ist beschädigt"),
    ]


def test_of_a_moving_picture_one_frame_goes_out(tmp_path):
    for one in written(tmp_path, gif_in_webp(30)):
        with Image.open(io.BytesIO(one.data)) as shown:
            assert getattr(shown, "n_frames", 1) == 1


@pytest.mark.parametrize("kind, suffix", [("PNG", ".png"), ("JPEG", ".jpg"), ("WEBP", ".webp")])
@pytest.mark.parametrize(
    "tail",
    [b"<script>alert(1)</script>", b"PK\x03\x04" + b"\0" * 40, b"%PDF-1.7"],
    ids=["html", "zip", "pdf"],
)
def test_what_hangs_behind_a_picture_is_refused_and_would_not_go_out(tmp_path, kind, suffix, tail):
    stream = io.BytesIO()
    picture(800, 400).save(stream, kind)
    file = tmp_path / f"bild{suffix}"
    file.write_bytes(stream.getvalue())
    assert pictures.problem(file) == ""
    file.write_bytes(stream.getvalue() + tail)
    assert "hinter dem Ende" in pictures.problem(file) or "unvollständig" in pictures.problem(file)
    assert not [one for one in picture_files.variants(file) if tail in one.data]


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"BM" + b"\0" * 100,
        b"II*\0" + b"\0" * 100,
        b"\0\0\0\x1cftypavif" + b"\0" * 100,
    ],
    ids=["svg", "svg-xml", "html", "bmp", "tiff", "avif"],
)
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".svg"])
def test_what_a_file_is_says_its_content_and_not_its_name(tmp_path, data, suffix):
    file = tmp_path / f"bild{suffix}"
    file.write_bytes(data)
    assert "kein lesbares Bild" in pictures.problem(file)
    assert picture_files.variants(file) == ()


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".svg", ".gif", ".PNG"])
def test_a_name_that_says_another_kind_is_refused(tmp_path, suffix):
    stream = io.BytesIO()
    picture(800, 400).save(stream, "PNG")
    file = tmp_path / f"bild{suffix}"
    file.write_bytes(stream.getvalue())
    assert "Inhalt ist PNG" in pictures.problem(file)


def test_the_limit_of_the_decoder_is_that_of_the_check():
    assert pictures.MAX_PIXELS == Image.MAX_IMAGE_PIXELS


# --- on the site


def test_a_page_shows_size_text_credit_and_licence_and_loads_a_picture_late(site_beispiel, seiten):
    page = seiten.article(seiten.html(site_beispiel, "preistraeger/beispiel/vergabezentrum-musterstadt/"))
    figure = re.search(r"<figure class=\"ikz-bild\">.*?</figure>", page, re.DOTALL)
    assert figure
    for part in (
        'width="800" height="450"',
        'loading="lazy" decoding="async"',
        'alt="Schaubild: drei Kreise',
        "bild-1.webp",
        "Für die Probe gezeichnet · CC BY 4.0",
    ):
        assert part in figure[0], part


def test_the_name_of_the_submitted_file_appears_nowhere(tmp_path):
    project = support.lay_out_base(tmp_path)
    folder = project / "data/cooperations"
    (folder / "bilder").mkdir()
    (folder / "bilder/von-karla-kanarie.jpg").write_bytes(clean_jpeg())
    listed = "bilder:\n  - {datei: von-karla-kanarie.jpg, alt: Ein Haus, nachweis: Amt, lizenz: CC0}\n"
    record = folder / "musikschule.yml"
    record.write_text(record.read_text(encoding="utf-8") + listed, encoding="utf-8")
    outcome = build.build(project, "entwurf", support.day("2030-07-01"), support.shared_cache())
    assert not outcome.failed, outcome.findings
    addresses = [one.address for one in outcome.assets if "/bilder/" in one.address]
    folder = "assets/ikz/bilder/musikschule"
    assert addresses == [f"{folder}/bild-1{one}.webp" for one in ("", "-480", "-960")]
    everything = [one.html.encode() for one in outcome.pages] + [one.data for one in outcome.assets]
    assert not [one for one in everything if b"karla" in one.lower()]
    page = outcome.page("kooperationen/musikschule/").html
    assert "bild-1-480.webp 480w" in page
    assert "bild-1.webp 1200w" in page
    assert 'sizes="' in page
    assert 'alt="Ein Haus" width="1200" height="800" loading="lazy"' in page
    assert "Amt · CC0" in page


def clean_jpeg() -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((1200, 800), 60).convert("RGB").save(stream, "JPEG", quality=60)
    return stream.getvalue()
