#pragma once
/* What stands before the bits: JFIF, quantisation, frame, Huffman tables, scan (ITU-T T.81 B.2). */
#include "coding.h"
#include "transform.h"

static uint8_t *put(uint8_t *out, const uint8_t *bytes, int count) {
  for (int i = 0; i < count; i++) *out++ = bytes[i];
  return out;
}

static uint8_t *put_quantisation(uint8_t *out, int id) {
  const uint8_t head[5] = {0xff, 0xdb, 0, 67, (uint8_t)id};
  out = put(out, head, 5);
  for (int i = 0; i < 64; i++) *out++ = quantisers[id].quantisation[zigzag[i]];
  return out;
}

static uint8_t *put_table(uint8_t *out, int class, int id, const HuffmanTable *t) {
  int count = 0;
  for (int i = 1; i <= 16; i++) count += t->bits[i];
  const uint8_t head[5] = {0xff, 0xc4, 0, (uint8_t)0, (uint8_t)(class << 4 | id)};
  out = put(out, head, 5);
  out[-3] = (uint8_t)((19 + count) >> 8);
  out[-2] = (uint8_t)(19 + count);
  out = put(out, t->bits + 1, 16);
  return put(out, t->symbols, count);
}

static uint8_t *put_headers(uint8_t *out, int width, int height, int components) {
  static const uint8_t start[20] = {0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
  out = put(out, start, 20);
  out = put_quantisation(out, 0);
  if (components == 3) out = put_quantisation(out, 1);
  const uint8_t frame[10] = {0xff, 0xc0, 0, (uint8_t)(8 + 3 * components), 8, (uint8_t)(height >> 8), (uint8_t)height,
                             (uint8_t)(width >> 8), (uint8_t)width, (uint8_t)components};
  out = put(out, frame, 10);
  for (int c = 0; c < components; c++) {
    *out++ = (uint8_t)(c + 1);
    *out++ = components == 3 && c == 0 ? 0x22 : 0x11;
    *out++ = c > 0;
  }
  out = put_table(out, 0, 0, &tables[0]);
  out = put_table(out, 1, 0, &tables[1]);
  if (components == 3) {
    out = put_table(out, 0, 1, &tables[2]);
    out = put_table(out, 1, 1, &tables[3]);
  }
  const uint8_t scan[5] = {0xff, 0xda, 0, (uint8_t)(6 + 2 * components), (uint8_t)components};
  out = put(out, scan, 5);
  for (int c = 0; c < components; c++) {
    *out++ = (uint8_t)(c + 1);
    *out++ = c > 0 ? 0x11 : 0;
  }
  *out++ = 0;
  *out++ = 63;
  *out++ = 0;
  return out;
}
