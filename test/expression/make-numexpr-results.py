"""Writes what numexpr makes of expressions: test/expression/numexpr-results.txt, which the tests read.

    python test/expression/make-numexpr-results.py > test/expression/numexpr-results.txt

Needs rio-tiler 9.4.12 with numexpr 2.14.2 and numpy 2.4.6. A line is an expression in JSON, the type of the three bands, the type of the
result, and its samples: bands parted by a semicolon. "invalid" stands where numexpr refuses the expression for that type.
"""

import json
import warnings

import numpy as np
from rio_tiler.expression import apply_expression, get_expression_blocks, validate_expression

warnings.filterwarnings("ignore")
nan, inf = float("nan"), float("inf")

SAMPLES = {
    "uint8": [[0,1,2,100,200,255,7,3], [0,0,1,200,100,255,2,5], [1,0,2,3,4,5,0,255]],
    "int16": [[0,-1,2,32767,-32768,-7,7,3], [0,0,-1,32767,2,2,-2,5], [1,0,2,3,4,-5,0,-6]],
    "uint16": [[0,1,50000,65535,3000,255,7,3], [0,0,50000,65535,1000,255,2,5], [1,0,2,3,4,5,0,255]],
    "int32": [[0,-1,2147483647,-2147483648,46341,-7,7,3], [0,0,1,2147483647,46341,2,-2,5], [1,0,2,3,4,-5,0,-6]],
    "uint32": [[0,1,2000000000,4294967295,46341,255,7,3], [0,0,3,5,46341,255,2,5], [1,0,2,3,4,5,0,255]],
    "float32": [[0,-1.5,0.1,1e30,nan,inf,7.5,-2.5], [0,0,0.2,1e30,1,-inf,-2.25,0.5], [1,0,2,3,4,-5,0,-6]],
    "float64": [[0,-1.5,0.1,1e300,nan,inf,7.5,-2.5], [0,0,0.2,1e300,1,-inf,-2.25,0.5], [1,0,2,3,4,-5,0,-6]],
}

EXPRESSIONS = [
    "b1",
    "b1+b2",
    "b1-b2",
    "b1*b2",
    "b1/b2",
    "b1//b2",
    "b1%b2",
    "(b1-b2)/(b1+b2)",
    "b1*1.5",
    "b1*3",
    "b1/3",
    "b1/3.0",
    "b1/b2/10000.0",
    "1/3*b1",
    "b1+2147483648",
    "b1+16777217",
    "-b1",
    "+b1",
    "b1**2",
    "b1**3.0",
    "b1**-1.0",
    "b1**0.5",
    "b1**1.5",
    "b1**-2.0",
    "b1**0",
    "b1**20",
    "b1**51",
    "b1**0.3",
    "b1**b3",
    "-b1**2",
    "2**-b3**2",
    "b1&b2",
    "b1|b2",
    "b1^b2",
    "~b1",
    "b1>b2",
    "b1<=b2",
    "b1!=b2",
    "b1==b2",
    "(b1>b2)&(b1>0)",
    "(b1>b2)|~(b1>0)",
    "(b1>b2)*1",
    "(b1>b2)*(b3>1)",
    "(b1>b2)+(b3>1)",
    "where(b1>b2,b1,b2)",
    "where(b1>2,b1,0.5)",
    "where((b1>1)&(b3>0),1,0)",
    "abs(b1)",
    "sign(b1)",
    "round(b1)",
    "ceil(b1)",
    "floor(b1)",
    "trunc(b1)",
    "sqrt(b1)",
    "maximum(b1,b2)",
    "minimum(b1,3)",
    "fmod(b1,b2)",
    "copysign(b1,b2)",
    "isnan(b1)",
    "isinf(b1)",
    "isfinite(b1)",
    "signbit(b1)",
    "ones_like(b1)",
    "copy(b1)",
    "b1*sqrt(4)",
    "b1*0x10+1_000",
    "B1+B2",
    "b1;b2",
    "b1;b1/b2",
    "b1>b2;b1",
    "b1*1.5;b3;b1>1",
    "b1+b2 # a comment",
    "where(1<2,b1,b2)",
    "2.5*(b1-b2)/(b1+6.0*b2-7.5*b3+1.0)",
    "(b1\n +b2)",
]


def evaluate(expression, type_name):
    """The result, or None where there is none."""
    bands = np.array(SAMPLES[type_name], dtype="float64").astype(type_name)
    try:
        validate_expression(expression)
        blocks = get_expression_blocks(expression)
        result = apply_expression(blocks, ["b1", "b2", "b3"], np.ma.MaskedArray(bands))
    except Exception:
        return None
    return np.asarray(result.data)


def text(number):
    return repr(int(number)) if number == int(number) and abs(number) < 2**53 else repr(float(number))


for expression in EXPRESSIONS:
    for type_name in SAMPLES:
        # Powers leave what Tilepress holds 64-bit integers in.
        if type_name == "uint32" and "**" in expression:
            continue
        result = evaluate(expression, type_name)
        found = "invalid" if result is None else result.dtype
        bands = [] if result is None else [" ".join(text(v) for v in band) for band in result]
        print(json.dumps(expression), type_name, found, "; ".join(bands), sep="\t")
