#!/usr/bin/env python3
"""Writes src/tile/tile-matrix-sets.json from the tile matrix sets of morecantile (MIT), which are those of titiler.

    python3 scripts/make-tile-matrix-sets.py [morecantile-7.1.0-py3-none-any.whl]

Without an argument the wheel is fetched with pip. Needs nothing else: a wheel is a zip with one OGC Two Dimensional Tile Matrix
Set 2.0 document (JSON) a set. Numbers are written with the digits Python needs to read the same double again.

All matrices of a set share their origin, at the top left, and are square; each matrix is one line:

    id tileSize matrixWidth matrixHeight cellSize scaleDenominator [coalesce:firstRow-lastRow,...]
"""

import glob
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

VERSION = "7.1.0"
LICENCE = (
    "Tile matrix sets of morecantile " + VERSION + " (MIT, Copyright (c) 2020 Development Seed), after the registry of the "
    "Open Geospatial Consortium. The text of the licence: tile-matrix-sets-license.txt."
)
HEAD = ("id", "title", "uri", "crs", "orderedAxes", "wellKnownScaleSet")


def fetch(folder: str) -> str:
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, f"morecantile=={VERSION}"]
    subprocess.run(command, check=True)
    return glob.glob(f"{folder}/*.whl")[0]


def documents(wheel: str) -> list:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.startswith("morecantile/data/") and name.endswith(".json")]
        return [json.loads(archive.read(name)) for name in sorted(names)]


def licence(wheel: str) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith("licenses/LICENSE")))


def line(matrix: dict) -> str:
    assert matrix["tileWidth"] == matrix["tileHeight"] and matrix.get("cornerOfOrigin", "topLeft") == "topLeft", matrix
    fields = [matrix[key] for key in ("id", "tileWidth", "matrixWidth", "matrixHeight", "cellSize", "scaleDenominator")]
    rows = ",".join(
        f"{each['coalesce']}:{each['minTileRow']}-{each['maxTileRow']}" for each in matrix.get("variableMatrixWidths", [])
    )
    return " ".join([*map(str, fields), *([rows] if rows else [])])


def compact(document: dict) -> dict:
    matrices = sorted(document["tileMatrices"], key=lambda matrix: int(matrix["id"]))
    origin = matrices[0]["pointOfOrigin"]
    assert all(matrix["pointOfOrigin"] == origin for matrix in matrices), document["id"]
    assert set(document) <= {*HEAD, "tileMatrices"}, document.keys()
    head = {key: document[key] for key in HEAD if key in document}
    return {**head, "pointOfOrigin": origin, "tileMatrices": [line(matrix) for matrix in matrices]}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        wheel = sys.argv[1] if len(sys.argv) > 1 else fetch(folder)
        found, text = [compact(document) for document in documents(wheel)], licence(wheel)
    target = pathlib.Path(__file__).parent.parent / "src" / "tile" / "tile-matrix-sets.json"
    target.write_text(json.dumps({"licence": LICENCE, "tileMatrixSets": found}, indent=2) + "\n")
    (target.parent / "tile-matrix-sets-license.txt").write_bytes(text)
    print(f"{len(found)} tile matrix sets written to {target}")


if __name__ == "__main__":
    main()
