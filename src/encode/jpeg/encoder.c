/*
 * Baseline JPEG encoder for WebAssembly with SIMD: JFIF, 4:2:0 or gray, Huffman tables made for the image.
 *
 * Its pixels are those of libjpeg with its slow integer transform, to the last bit, and so those of GDAL's JPEG driver: the same
 * fixed-point sums for colour (jccolor.c), subsampling (jcsample.c: h2v2_downsample), transform (jfdctint.c) and quantisation
 * (jcdctmgr.c), the tables of ITU-T T.81 annex K scaled to a quality (jcparam.c), edges repeated as jcprepct.c does. The image's
 * coefficients are coded twice over: counted, then written (jchuff.c).
 *
 * encoder.wasm is made of this by scripts/build-jpeg-encoder.sh and checked in.
 */
#include "colour.h"
#include "headers.h"

#define BLOCK 64
#define MAX_TOKENS_A_BLOCK 65

extern uint8_t __heap_base;

static size_t align_up(size_t value) { return (value + 63) & ~(size_t)63; }

static int round_up(int value, int step) { return (value + step - 1) / step * step; }

/* Where the image is to be put: rows of width × channels samples. */
__attribute__((export_name("input"))) uint8_t *input(void) { return (uint8_t *)align_up((size_t)&__heap_base); }


typedef struct {
  uint8_t *rows;   /* two rows of each component at full size, then eight of chroma or sixteen of luma … */
  Token *tokens;
  uint8_t *out;
  size_t end;
} Layout;

/* Rows of samples for one row of blocks: luma 16 × width, chroma twice 2 × width and 8 × width / 2; one padded input row. */
static Layout layout_of(int width, int height, int channels) {
  Layout l;
  size_t at = align_up((size_t)input() + (size_t)width * height * channels);
  int padded = round_up(width, 16);
  l.rows = (uint8_t *)at;
  at = align_up(at + (size_t)padded * (16 + 4 + 8) + (size_t)padded * 3 + 64);
  l.tokens = (Token *)at;
  size_t blocks = (size_t)padded / 8 * (round_up(height, 16) / 8);
  if (channels == 3) blocks += blocks / 2;
  at = align_up(at + blocks * MAX_TOKENS_A_BLOCK * sizeof(Token));
  l.out = (uint8_t *)at;
  /* A coefficient takes at most 27 bits, and every byte may be followed by a zero. */
  l.end = at + 2048 + blocks * 64 * 8;
  return l;
}

/* Bytes of memory that an image needs. */
__attribute__((export_name("memoryNeeded"))) uint32_t memory_needed(int width, int height, int channels) {
  return (uint32_t)layout_of(width, height, channels).end;
}

static void extend_row(uint8_t *row, int from, int to, int channels) {
  for (int i = from * channels; i < to * channels; i++) row[i] = row[i - channels];
}

static void copy_row(uint8_t *to, const uint8_t *from, int count) { __builtin_memcpy(to, from, (size_t)count); }

static uint8_t *output;

/* Where the file is after `encode`. */
__attribute__((export_name("output"))) uint8_t *output_at(void) { return output; }

/* Encodes what lies at input(); the length of the file. `channels`: 1 (gray) or 3 (RGB). */
__attribute__((export_name("encode"))) uint32_t encode(int width, int height, int channels, int quality) {
  static int16_t block[BLOCK] __attribute__((aligned(16)));
  Layout l = layout_of(width, height, channels);
  const int colour = channels == 3;
  const int side = colour ? 16 : 8; /* of what is coded together */
  const int padded = round_up(width, 16);
  const int luma = round_up(width, side);
  uint8_t *y = l.rows;
  uint8_t *full[2] = {y + (size_t)padded * 16, y + (size_t)padded * 18}; /* Cb, Cr: two rows each */
  uint8_t *half[2] = {y + (size_t)padded * 20, y + (size_t)padded * 24}; /* Cb, Cr: eight rows of half the width */
  uint8_t *line = y + (size_t)padded * 28;
  const uint8_t *pixels = input();
  set_quality(quality);
  for (int t = 0; t < 4; t++)
    for (int i = 0; i < 257; i++) tables[t].counts[i] = 0;

  Token *token = l.tokens;
  int dc[3] = {0, 0, 0};
  for (int top = 0; top < height; top += side) {
    const int rows = height - top < side ? height - top : side;
    if (colour) {
      for (int j = 0; j < rows; j++) {
        const uint8_t *row = pixels + (size_t)(top + j) * width * 3;
        if (padded != width) {
          copy_row(line, row, width * 3);
          extend_row(line, width, padded, 3);
          row = line;
        }
        convert_row(row, padded, y + (size_t)j * padded, full[0] + (j & 1) * padded, full[1] + (j & 1) * padded);
        if ((j & 1) == 0 && j < rows - 1) continue;
        for (int c = 0; c < 2; c++)
          halve_rows(full[c], full[c] + (j & 1) * padded, padded, half[c] + (size_t)(j >> 1) * (padded / 2));
      }
      for (int j = (rows + 1) / 2; j < 8; j++)
        for (int c = 0; c < 2; c++)
          copy_row(half[c] + (size_t)j * (padded / 2), half[c] + (size_t)(j - 1) * (padded / 2), padded / 2);
    } else {
      for (int j = 0; j < rows; j++) {
        copy_row(y + (size_t)j * padded, pixels + (size_t)(top + j) * width, width);
        extend_row(y + (size_t)j * padded, width, padded, 1);
      }
    }
    for (int j = rows; j < side; j++) copy_row(y + (size_t)j * padded, y + (size_t)(j - 1) * padded, padded);

    for (int left = 0; left < luma; left += side) {
      for (int b = 0; b < (colour ? 4 : 1); b++) {
        transform_block(y + (size_t)(b >> 1) * 8 * padded + left + (b & 1) * 8, padded, &quantisers[0], block);
        token = tokenise(block, &dc[0], &tables[0], &tables[1], token);
      }
      if (!colour) continue;
      for (int c = 0; c < 2; c++) {
        transform_block(half[c] + left / 2, padded / 2, &quantisers[1], block);
        token = tokenise(block, &dc[c + 1], &tables[2], &tables[3], token);
      }
    }
  }

  for (int t = 0; t < (colour ? 4 : 2); t++) make_table(&tables[t]);
  output = l.out;
  BitWriter writer = {put_headers(l.out, width, height, channels), 0, 0};
  /* Tokens carry no block ends: a block is over with its end-of-block symbol or its 63rd coefficient. */
  int inUnit = 0;
  for (const Token *t = l.tokens; t < token;) {
    const HuffmanTable *pair = colour && inUnit >= 4 ? &tables[2] : &tables[0];
    write_token(&writer, *t++, &pair[0]);
    for (int k = 0; k < 63;) {
      Token each = *t++;
      write_token(&writer, each, &pair[1]);
      int symbol = each >> 16;
      if (symbol == 0) break;
      k += (symbol >> 4) + 1;
    }
    inUnit = inUnit == (colour ? 5 : 0) ? 0 : inUnit + 1;
  }
  flush_bits(&writer);
  *writer.out++ = 0xff;
  *writer.out++ = 0xd9;
  return (uint32_t)(writer.out - l.out);
}
