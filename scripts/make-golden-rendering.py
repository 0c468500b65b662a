"""Writes test/golden/rendering.json: what rio-tiler's pixel selections and titiler's algorithms give for small random rasters.

Run it with a Python that has titiler-core 2.3 (and with it rio-tiler 9.4):
    python scripts/make-golden-rendering.py
"""

import json
import pathlib
import warnings

import numpy
from rio_tiler.models import ImageData
from rio_tiler.mosaic.methods import defaults
from titiler.core.algorithm import algorithms

warnings.simplefilter("ignore")
random = numpy.random.default_rng(4)
HEIGHT, WIDTH = 5, 4
SELECTIONS = {
    "first": defaults.FirstMethod,
    "highest": defaults.HighestMethod,
    "lowest": defaults.LowestMethod,
    "mean": defaults.MeanMethod,
    "median": defaults.MedianMethod,
    "stdev": defaults.StdevMethod,
    "lastbandlow": defaults.LastBandLowMethod,
    "lastbandhigh": defaults.LastBandHighMethod,
    "count": defaults.CountMethod,
}
PARAMETERS = {
    "hillshade": [{"buffer": 0}, {"buffer": 1, "azimuth": 300, "angle_altitude": 20.5, "z_exaggeration": 0.3}],
    "slope": [{"buffer": 0, "z_exaggeration": 0.1}, {"buffer": 1}],
    "contours": [{}, {"increment": 0}, {"increment": 7, "thickness": 3, "minz": -20, "maxz": 90}],
    "terrarium": [{}, {"nodata_height": 12.7}],
    "terrainrgb": [{}, {"interval": 1, "baseval": -500.5, "nodata_height": 3.7}],
}
BANDS = {"contours": [1], "bitonal": [1, 3], "grayscale": [3], "normalizedIndex": [2]}


def sample(dtype, bands):
    """Values of which some are equal and some are large, a quarter of them masked."""
    shape = (bands, HEIGHT, WIDTH)
    if numpy.dtype(dtype).kind == "f":
        data = (random.integers(-400, 4000, shape) / 8).astype(dtype)
    else:
        data = random.integers(0 if dtype.startswith("u") else -100, 200, shape).astype(dtype)
    return numpy.ma.MaskedArray(data, random.random(shape) < 0.25)


def plain(array):
    """A raster as JSON: rows one after another; masked samples are null, so that what lies under a mask is not compared."""
    bands = [
        [None if hidden else value for value, hidden in zip(data.ravel().tolist(), mask.ravel().tolist())]
        for data, mask in zip(array.data, numpy.ma.getmaskarray(array))
    ]
    return {"dataType": str(array.dtype), "width": array.shape[2], "height": array.shape[1], "bands": bands}


def whole(array):
    """A raster as JSON with the samples under its mask."""
    return {
        "dataType": str(array.dtype),
        "width": array.shape[2],
        "height": array.shape[1],
        "bands": [data.ravel().tolist() for data in array.data],
        "masks": [
            "".join(".x"[not hidden] for hidden in mask.ravel().tolist()) for mask in numpy.ma.getmaskarray(array)
        ],
    }


def selection_cases():
    for name, method in SELECTIONS.items():
        for dtypes in [["uint8"] * 4, ["int16"] * 3, ["float32"] * 4, ["uint8", "int16", "uint8"]]:
            rasters = [sample(dtype, 2) for dtype in dtypes]
            selection = method()
            for raster in rasters:
                selection.feed(raster.copy())
            result = selection.data
            yield {
                "name": name,
                "rasters": [whole(raster) for raster in rasters],
                "result": plain(result if result.ndim == 3 else result[None]),
            }


def algorithm_cases():
    for name in algorithms.list():
        for parameters in PARAMETERS.get(name, [{}]):
            for dtype in ["uint8", "int16", "float32"]:
                for bands in BANDS.get(name, [2]):
                    raster = sample(dtype, bands)
                    bounds = (100.0, 200.0, 100.0 + 3 * WIDTH, 200.0 + 2 * HEIGHT)
                    image = algorithms.get(name)(**parameters)(ImageData(raster.copy(), bounds=bounds))
                    yield {
                        "name": name,
                        "parameters": parameters,
                        "raster": {**whole(raster), "bounds": bounds},
                        "result": {**plain(image.array), "bounds": list(image.bounds)},
                        "descriptions": image.band_descriptions,
                    }


def lines(cases):
    return ",\n".join(json.dumps(case) for case in cases)


target = pathlib.Path(__file__).parent.parent / "test" / "golden" / "rendering.json"
target.parent.mkdir(exist_ok=True)
target.write_text(
    f'{{"selections": [\n{lines(selection_cases())}\n],\n"algorithms": [\n{lines(algorithm_cases())}\n]}}\n'
)
