#pragma once
/* Coefficients to bits with the Huffman tables that suit them best: jchuff.c. */
#include "vector.h"

static const uint8_t zigzag[64] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

typedef struct {
  uint32_t counts[257]; /* one symbol more, so that no code is all ones */
  uint8_t bits[17];     /* codes by length */
  uint8_t symbols[256]; /* by length */
  uint16_t codes[256];
  uint8_t lengths[256];
} HuffmanTable;

static HuffmanTable tables[4]; /* DC and AC of luma, DC and AC of chroma */

/* symbol << 16 | its extra bits; how many follows from the symbol. */
typedef uint32_t Token;

static inline int bit_length(uint32_t value) { return value == 0 ? 0 : 32 - __builtin_clz(value); }

static inline Token token_of(int run, int value, int *size) {
  int sign = value >> 31;
  uint32_t magnitude = (uint32_t)((value ^ sign) - sign);
  *size = bit_length(magnitude);
  uint32_t bits = (uint32_t)(value + sign) & ((1u << *size) - 1);
  return (Token)(run << 4 | *size) << 16 | bits;
}

/* A block's tokens, the DC first; counts their symbols. */
static inline Token *tokenise(const int16_t *block, int *lastDc, HuffmanTable *dc, HuffmanTable *ac, Token *out) {
  int16_t ordered[64] __attribute__((aligned(16)));
  for (int i = 0; i < 64; i++) ordered[i] = block[zigzag[i]];
  int size;
  Token token = token_of(0, ordered[0] - *lastDc, &size);
  *lastDc = ordered[0];
  dc->counts[token >> 16]++;
  *out++ = token;
  const v128_t zero = wasm_i16x8_const(0, 0, 0, 0, 0, 0, 0, 0);
  uint64_t mask = 0;
  for (int i = 0; i < 4; i++) {
    v8 low = wasm_i16x8_ne(wasm_v128_load(ordered + i * 16), zero);
    v8 high = wasm_i16x8_ne(wasm_v128_load(ordered + i * 16 + 8), zero);
    mask |= (uint64_t)(uint32_t)wasm_i8x16_bitmask(wasm_i8x16_narrow_i16x8(low, high)) << (i * 16);
  }
  mask &= ~1ull;
  int last = 0;
  while (mask != 0) {
    int at = __builtin_ctzll(mask);
    mask &= mask - 1;
    int run = at - last - 1;
    last = at;
    for (; run > 15; run -= 16) {
      ac->counts[0xf0]++;
      *out++ = 0xf0u << 16;
    }
    token = token_of(run, ordered[at], &size);
    ac->counts[token >> 16]++;
    *out++ = token;
  }
  if (last < 63) {
    ac->counts[0]++;
    *out++ = 0;
  }
  return out;
}

/* The best code of at most 16 bits (ITU-T T.81 K.2, as jpeg_gen_optimal_table). */
static void make_table(HuffmanTable *t) {
  uint32_t counts[257];
  int16_t next[257];
  uint8_t length[257];
  int16_t used[257];
  int n = 0;
  t->counts[256] = 1;
  for (int i = 0; i < 257; i++) {
    counts[i] = t->counts[i];
    next[i] = -1;
    length[i] = 0;
    if (counts[i] != 0) used[n++] = (int16_t)i;
  }
  for (;;) {
    int a = -1, b = -1;
    for (int k = 0; k < n; k++) {
      int i = used[k];
      if (a < 0 || counts[i] <= counts[a]) {
        b = a;
        a = i;
      } else if (b < 0 || counts[i] <= counts[b]) {
        b = i;
      }
    }
    if (b < 0) break;
    counts[a] += counts[b];
    int kept = 0;
    for (int k = 0; k < n; k++)
      if (used[k] != b) used[kept++] = used[k];
    n = kept;
    int i = a;
    for (length[i]++; next[i] >= 0; length[i]++) i = next[i];
    next[i] = (int16_t)b;
    for (i = b, length[i]++; next[i] >= 0; length[i]++) i = next[i];
  }
  int bits[64] = {0};
  for (int i = 0; i < 257; i++)
    if (length[i] != 0) bits[length[i] > 63 ? 63 : length[i]]++;
  for (int i = 63; i > 16; i--) {
    while (bits[i] > 0) {
      int j = i - 2;
      while (bits[j] == 0) j--;
      bits[i] -= 2;
      bits[i - 1]++;
      bits[j + 1] += 2;
      bits[j]--;
    }
  }
  int longest = 16;
  while (bits[longest] == 0) longest--;
  bits[longest]--; /* the symbol that is none */
  int count = 0;
  for (int size = 1; size < 64; size++)
    for (int i = 0; i < 256; i++)
      if (length[i] == size) t->symbols[count++] = (uint8_t)i;
  uint32_t code = 0;
  int k = 0;
  for (int i = 0; i < 256; i++) t->lengths[i] = 0;
  for (int size = 1; size <= 16; size++) {
    t->bits[size] = (uint8_t)bits[size];
    for (int i = 0; i < bits[size]; i++, k++) {
      t->codes[t->symbols[k]] = (uint16_t)code++;
      t->lengths[t->symbols[k]] = (uint8_t)size;
    }
    code <<= 1;
  }
}

typedef struct {
  uint8_t *out;
  uint64_t buffer;
  int held;
} BitWriter;

static inline void write_bits(BitWriter *w, uint32_t bits, int count) {
  w->buffer = w->buffer << count | bits;
  w->held += count;
  if (w->held < 32) return;
  w->held -= 32;
  uint32_t word = (uint32_t)(w->buffer >> w->held);
  /* Where a byte may be 255 a zero follows it. */
  if (word & 0x80808080u & ~(word + 0x01010101u)) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      uint8_t byte = (uint8_t)(word >> shift);
      *w->out++ = byte;
      if (byte == 0xff) *w->out++ = 0;
    }
  } else {
    *(uint32_t *)w->out = __builtin_bswap32(word);
    w->out += 4;
  }
}

static void flush_bits(BitWriter *w) {
  int padding = (8 - (w->held & 7)) & 7;
  w->buffer = w->buffer << padding | ((1u << padding) - 1);
  w->held += padding;
  while (w->held > 0) {
    w->held -= 8;
    uint8_t byte = (uint8_t)(w->buffer >> w->held);
    *w->out++ = byte;
    if (byte == 0xff) *w->out++ = 0;
  }
}

static inline void write_token(BitWriter *w, Token token, const HuffmanTable *t) {
  int symbol = token >> 16;
  int extra = symbol & 15;
  write_bits(w, (uint32_t)t->codes[symbol] << extra | (token & 0xffff), t->lengths[symbol] + extra);
}
