#!/bin/sh
# Makes src/encode/jpeg/encoder.wasm of its C sources, and a note of which sources those were (a test compares it). Needs clang and lld
# of at least version 14 (Debian: apt-get install clang lld), as CLANG if it is called otherwise. Nobody else needs them: the
# result is checked in.
set -eu
cd "$(dirname "$0")/../src/encode/jpeg"
"${CLANG:-clang}" --target=wasm32 -O3 -msimd128 -mbulk-memory -mnontrapping-fptoint -msign-ext -nostdlib -ffreestanding \
  -Wall -Wextra -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=16384 -o encoder.wasm encoder.c
chmod 644 encoder.wasm
cat encoder.c colour.h coding.h headers.h transform.h vector.h | sha256sum | cut -d ' ' -f 1 > encoder.sources
