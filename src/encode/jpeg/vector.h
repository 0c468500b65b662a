#pragma once
#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

typedef v128_t v8; /* eight 16-bit numbers */

#define INTERLEAVE_LOW(a, b) wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define INTERLEAVE_HIGH(a, b) wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define PAIR(a, b) wasm_i16x8_const(a, b, a, b, a, b, a, b)
