#pragma once
/* Samples to quantised coefficients: jfdctint.c (CONST_BITS 13, PASS1_BITS 2), jcdctmgr.c, the tables of ITU-T T.81 K.1 as jcparam.c scales them. */
#include "vector.h"

static const uint8_t base_quantisation[2][64] = {
    {16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,  14, 13, 16, 24, 40,  57,
     69, 56, 14, 17, 22,  29,  51,  87,  80, 62, 18, 22, 37,  56,  68,  109, 103, 77, 24, 35, 55,  64,
     81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99},
    {17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99,
     99, 99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
     99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99}};

typedef struct {
  uint8_t quantisation[64];    /* natural order */
  float reciprocal[64];        /* of quantisation × 8, the transform's scale */
  int16_t rounding[64];        /* half of quantisation × 8 */
} Quantiser;

static Quantiser quantisers[2]; /* luma, chroma */

static void set_quality(int quality) {
  int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  for (int t = 0; t < 2; t++) {
    for (int i = 0; i < 64; i++) {
      int value = (base_quantisation[t][i] * scale + 50) / 100;
      value = value < 1 ? 1 : value > 255 ? 255 : value;
      quantisers[t].quantisation[i] = (uint8_t)value;
      quantisers[t].reciprocal[i] = 1.0f / (float)(value * 8);
      quantisers[t].rounding[i] = (int16_t)(value * 4);
    }
  }
}

/* (|x| + half) / divisor with x's sign. A half is added before the product is cut, so that float's error can't reach a whole number. */
static inline v8 quantise(v8 x, const float *reciprocal, const int16_t *rounding) {
  v8 sign = wasm_i16x8_shr(x, 15);
  v8 sum = wasm_i16x8_add(wasm_i16x8_abs(x), wasm_v128_load(rounding));
  const v128_t half = wasm_f32x4_splat(0.5f);
  v128_t low = wasm_f32x4_add(wasm_f32x4_convert_i32x4(wasm_u32x4_extend_low_u16x8(sum)), half);
  v128_t high = wasm_f32x4_add(wasm_f32x4_convert_i32x4(wasm_u32x4_extend_high_u16x8(sum)), half);
  low = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_mul(low, wasm_v128_load(reciprocal)));
  high = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_mul(high, wasm_v128_load(reciprocal + 4)));
  v8 size = wasm_i16x8_narrow_i32x4(low, high);
  return wasm_i16x8_sub(wasm_v128_xor(size, sign), sign);
}

#define F_0_298 2446
#define F_0_390 3196
#define F_0_541 4433
#define F_0_765 6270
#define F_0_899 7373
#define F_1_175 9633
#define F_1_501 12299
#define F_1_847 15137
#define F_1_961 16069
#define F_2_053 16819
#define F_2_562 20995
#define F_3_072 25172

static inline void transpose(v8 r[8]) {
  v8 a0 = INTERLEAVE_LOW(r[0], r[1]), a1 = INTERLEAVE_HIGH(r[0], r[1]);
  v8 a2 = INTERLEAVE_LOW(r[2], r[3]), a3 = INTERLEAVE_HIGH(r[2], r[3]);
  v8 a4 = INTERLEAVE_LOW(r[4], r[5]), a5 = INTERLEAVE_HIGH(r[4], r[5]);
  v8 a6 = INTERLEAVE_LOW(r[6], r[7]), a7 = INTERLEAVE_HIGH(r[6], r[7]);
#define LOW32(a, b) wasm_i32x4_shuffle(a, b, 0, 4, 1, 5)
#define HIGH32(a, b) wasm_i32x4_shuffle(a, b, 2, 6, 3, 7)
  v8 b0 = LOW32(a0, a2), b1 = HIGH32(a0, a2), b2 = LOW32(a1, a3), b3 = HIGH32(a1, a3);
  v8 b4 = LOW32(a4, a6), b5 = HIGH32(a4, a6), b6 = LOW32(a5, a7), b7 = HIGH32(a5, a7);
#define LOW64(a, b) wasm_i64x2_shuffle(a, b, 0, 2)
#define HIGH64(a, b) wasm_i64x2_shuffle(a, b, 1, 3)
  r[0] = LOW64(b0, b4);
  r[1] = HIGH64(b0, b4);
  r[2] = LOW64(b1, b5);
  r[3] = HIGH64(b1, b5);
  r[4] = LOW64(b2, b6);
  r[5] = HIGH64(b2, b6);
  r[6] = LOW64(b3, b7);
  r[7] = HIGH64(b3, b7);
}

/* Sums of products of two pairs, rounded and shifted. */
#define PRODUCTS(low, high, constants, addLow, addHigh, shift)                                                          \
  wasm_i16x8_narrow_i32x4(                                                                                              \
      wasm_i32x4_shr(wasm_i32x4_add(wasm_i32x4_add(wasm_i32x4_dot_i16x8(low, constants), addLow), rounding), shift),    \
      wasm_i32x4_shr(wasm_i32x4_add(wasm_i32x4_add(wasm_i32x4_dot_i16x8(high, constants), addHigh), rounding), shift))

static inline __attribute__((always_inline)) void transform_pass(v8 d[8], const int second) {
  const int shift = second ? 15 : 11;
  const v128_t rounding = wasm_i32x4_splat(1 << (shift - 1));
  const v128_t none = wasm_i32x4_const(0, 0, 0, 0);
  v8 t0 = wasm_i16x8_add(d[0], d[7]), t7 = wasm_i16x8_sub(d[0], d[7]);
  v8 t1 = wasm_i16x8_add(d[1], d[6]), t6 = wasm_i16x8_sub(d[1], d[6]);
  v8 t2 = wasm_i16x8_add(d[2], d[5]), t5 = wasm_i16x8_sub(d[2], d[5]);
  v8 t3 = wasm_i16x8_add(d[3], d[4]), t4 = wasm_i16x8_sub(d[3], d[4]);

  v8 t10 = wasm_i16x8_add(t0, t3), t13 = wasm_i16x8_sub(t0, t3);
  v8 t11 = wasm_i16x8_add(t1, t2), t12 = wasm_i16x8_sub(t1, t2);
  v8 sum = wasm_i16x8_add(t10, t11), difference = wasm_i16x8_sub(t10, t11);
  if (second) {
    const v8 two = wasm_i16x8_const(2, 2, 2, 2, 2, 2, 2, 2);
    d[0] = wasm_i16x8_shr(wasm_i16x8_add(sum, two), 2);
    d[4] = wasm_i16x8_shr(wasm_i16x8_add(difference, two), 2);
  } else {
    d[0] = wasm_i16x8_shl(sum, 2);
    d[4] = wasm_i16x8_shl(difference, 2);
  }
  v8 low = INTERLEAVE_LOW(t13, t12), high = INTERLEAVE_HIGH(t13, t12);
  d[2] = PRODUCTS(low, high, PAIR(F_0_541 + F_0_765, F_0_541), none, none, shift);
  d[6] = PRODUCTS(low, high, PAIR(F_0_541, F_0_541 - F_1_847), none, none, shift);

  v8 z3 = wasm_i16x8_add(t4, t6), z4 = wasm_i16x8_add(t5, t7);
  low = INTERLEAVE_LOW(z3, z4);
  high = INTERLEAVE_HIGH(z3, z4);
  v128_t z3Low = wasm_i32x4_dot_i16x8(low, PAIR(F_1_175 - F_1_961, F_1_175));
  v128_t z3High = wasm_i32x4_dot_i16x8(high, PAIR(F_1_175 - F_1_961, F_1_175));
  v128_t z4Low = wasm_i32x4_dot_i16x8(low, PAIR(F_1_175, F_1_175 - F_0_390));
  v128_t z4High = wasm_i32x4_dot_i16x8(high, PAIR(F_1_175, F_1_175 - F_0_390));
  low = INTERLEAVE_LOW(t4, t7);
  high = INTERLEAVE_HIGH(t4, t7);
  d[7] = PRODUCTS(low, high, PAIR(F_0_298 - F_0_899, -F_0_899), z3Low, z3High, shift);
  d[1] = PRODUCTS(low, high, PAIR(-F_0_899, F_1_501 - F_0_899), z4Low, z4High, shift);
  low = INTERLEAVE_LOW(t5, t6);
  high = INTERLEAVE_HIGH(t5, t6);
  d[5] = PRODUCTS(low, high, PAIR(F_2_053 - F_2_562, -F_2_562), z4Low, z4High, shift);
  d[3] = PRODUCTS(low, high, PAIR(-F_2_562, F_3_072 - F_2_562), z3Low, z3High, shift);
}

/* Eight rows of eight samples to quantised coefficients in natural order. */
static inline void transform_block(const uint8_t *samples, int stride, const Quantiser *q, int16_t *out) {
  const v8 centre = wasm_i16x8_const(128, 128, 128, 128, 128, 128, 128, 128);
  v8 d[8];
  for (int i = 0; i < 8; i++) d[i] = wasm_i16x8_sub(wasm_u16x8_load8x8(samples + i * stride), centre);
  transpose(d);
  transform_pass(d, 0);
  transpose(d);
  transform_pass(d, 1);
  for (int i = 0; i < 8; i++) wasm_v128_store(out + i * 8, quantise(d[i], q->reciprocal + i * 8, q->rounding + i * 8));
}
