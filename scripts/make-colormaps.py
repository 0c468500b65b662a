#!/usr/bin/env python3
"""Writes src/render/colormaps.json from the colour tables of rio-tiler (BSD-3-Clause).

    python3 scripts/make-colormaps.py [rio_tiler-9.4.12-py3-none-any.whl]

Without an argument the wheel is fetched with pip. Needs nothing else: a wheel is a zip of .npy files (a 128-byte header and
256 x RGBA). Every table there is opaque; alpha is checked and left out.
"""

import base64
import glob
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

VERSION = "9.4.12"
HEADER = 128
TABLE = 1024
LICENCE = (
    "Colour tables of rio-tiler " + VERSION + " (BSD-3-Clause, Copyright (c) 2021, cogeotiff); they come from "
    "matplotlib (PSF-style licence; ColorBrewer parts Apache-2.0), cmocean (MIT) and rio-tiler itself. "
    "The text of the licence: colormaps-license.txt."
)


def fetch(folder: str) -> str:
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, f"rio-tiler=={VERSION}"]
    subprocess.run(command, check=True)
    return glob.glob(f"{folder}/*.whl")[0]


def tables(wheel: str) -> dict:
    found = {}
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            path = pathlib.PurePosixPath(name)
            if path.parent.name != "cmap_data" or path.suffix != ".npy":
                continue
            content = archive.read(name)
            assert len(content) == HEADER + TABLE, name
            rgba = content[HEADER:]
            assert set(rgba[3::4]) == {255}, f"{name} is not opaque"
            rgb = bytes(value for index, value in enumerate(rgba) if index % 4 != 3)
            found[path.stem] = base64.b64encode(rgb).decode()
    return found


def licence(wheel: str) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith("licenses/LICENSE")))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        wheel = sys.argv[1] if len(sys.argv) > 1 else fetch(folder)
        found, text = tables(wheel), licence(wheel)
    target = pathlib.Path(__file__).parent.parent / "src" / "render" / "colormaps.json"
    target.write_text(json.dumps({"licence": LICENCE, "colormaps": found}, indent=2) + "\n")
    (target.parent / "colormaps-license.txt").write_bytes(text)
    print(f"{len(found)} colormaps written to {target}")


if __name__ == "__main__":
    main()
