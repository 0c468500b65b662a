#pragma once
/* RGB to luma and chroma of half the resolution: jccolor.c, jcsample.c (h2v2_downsample). */
#include "vector.h"

/* Eight pixels as 16-bit numbers to Y, Cb and Cr. */
static inline __attribute__((always_inline)) void convert_eight(v8 r, v8 g, v8 b, v8 *y, v8 *cb, v8 *cr) {
  v8 rgLow = INTERLEAVE_LOW(r, g), rgHigh = INTERLEAVE_HIGH(r, g);
  v8 bgLow = INTERLEAVE_LOW(b, g), bgHigh = INTERLEAVE_HIGH(b, g);
  /* 0.587 is more than 16 bits hold: 0.337 + 0.250. */
  const v8 yRg = PAIR(19595, 22086), yBg = PAIR(7471, 16384), cbRg = PAIR(-11059, -21709), crBg = PAIR(-5329, -27439);
  const v128_t half = wasm_i32x4_const(32768, 32768, 32768, 32768);
  const int c = (128 << 16) + 32767;
  const v128_t offset = wasm_i32x4_const(c, c, c, c);
#define LUMA(rg, bg)                                                                                                    \
  wasm_i32x4_shr(wasm_i32x4_add(wasm_i32x4_add(wasm_i32x4_dot_i16x8(rg, yRg), wasm_i32x4_dot_i16x8(bg, yBg)), half), 16)
#define CHROMA(pair, constants, wide)                                                                                   \
  wasm_i32x4_shr(wasm_i32x4_add(wasm_i32x4_add(wasm_i32x4_dot_i16x8(pair, constants), wasm_i32x4_shl(wide, 15)), offset), 16)
  *y = wasm_i16x8_narrow_i32x4(LUMA(rgLow, bgLow), LUMA(rgHigh, bgHigh));
  *cb = wasm_i16x8_narrow_i32x4(CHROMA(rgLow, cbRg, wasm_u32x4_extend_low_u16x8(b)),
                                CHROMA(rgHigh, cbRg, wasm_u32x4_extend_high_u16x8(b)));
  *cr = wasm_i16x8_narrow_i32x4(CHROMA(bgLow, crBg, wasm_u32x4_extend_low_u16x8(r)),
                                CHROMA(bgHigh, crBg, wasm_u32x4_extend_high_u16x8(r)));
}

/* A row of `count` pixels (a multiple of 16; the input is that long too). */
static void convert_row(const uint8_t *rgb, int count, uint8_t *y, uint8_t *cb, uint8_t *cr) {
  for (int i = 0; i < count; i += 16, rgb += 48) {
    v128_t a = wasm_v128_load(rgb), b = wasm_v128_load(rgb + 16), c = wasm_v128_load(rgb + 32);
    v128_t r = wasm_i8x16_shuffle(a, b, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0);
    r = wasm_i8x16_shuffle(r, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29);
    v128_t g = wasm_i8x16_shuffle(a, b, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0);
    g = wasm_i8x16_shuffle(g, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30);
    v128_t u = wasm_i8x16_shuffle(a, b, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0);
    u = wasm_i8x16_shuffle(u, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31);
    v8 yLow, yHigh, cbLow, cbHigh, crLow, crHigh;
    convert_eight(wasm_u16x8_extend_low_u8x16(r), wasm_u16x8_extend_low_u8x16(g), wasm_u16x8_extend_low_u8x16(u), &yLow,
                  &cbLow, &crLow);
    convert_eight(wasm_u16x8_extend_high_u8x16(r), wasm_u16x8_extend_high_u8x16(g), wasm_u16x8_extend_high_u8x16(u),
                  &yHigh, &cbHigh, &crHigh);
    wasm_v128_store(y + i, wasm_u8x16_narrow_i16x8(yLow, yHigh));
    wasm_v128_store(cb + i, wasm_u8x16_narrow_i16x8(cbLow, cbHigh));
    wasm_v128_store(cr + i, wasm_u8x16_narrow_i16x8(crLow, crHigh));
  }
}

/* Squares of four to their mean; the rounding is 1 and 2 by turns. `count` samples of each row, a multiple of 16. */
static void halve_rows(const uint8_t *first, const uint8_t *second, int count, uint8_t *out) {
  const v8 bias = wasm_i16x8_const(1, 2, 1, 2, 1, 2, 1, 2);
  for (int i = 0; i < count; i += 16, out += 8) {
    v8 sum = wasm_i16x8_add(wasm_u16x8_extadd_pairwise_u8x16(wasm_v128_load(first + i)),
                            wasm_u16x8_extadd_pairwise_u8x16(wasm_v128_load(second + i)));
    v8 mean = wasm_u16x8_shr(wasm_i16x8_add(sum, bias), 2);
    wasm_v128_store64_lane(out, wasm_u8x16_narrow_i16x8(mean, mean), 0);
  }
}
