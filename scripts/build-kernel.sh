#!/bin/sh
# Builds trainer/kernel/kernel.wasm from the C files next to it (clang and wasm-ld 14, as in Debian 12). With
# --check, builds to a temporary file and compares it with the committed one, byte by byte.
set -eu
cd "$(dirname "$0")/../trainer/kernel"
wanted=14
found=$(clang -dumpversion 2>/dev/null | cut -d. -f1 || true)
if [ "$found" != "$wanted" ]; then
  echo "build-kernel: needs clang $wanted to reproduce the committed bytes (found: ${found:-none}); on Debian 12: apt-get install clang lld" >&2
  exit 2
fi
target=kernel.wasm
if [ "${1:-}" = "--check" ]; then
  target=$(mktemp)
  trap 'rm -f "$target"' EXIT
fi
# No start-up code, no library; strict IEEE arithmetic (no contraction, no -ffast-math). Loop strength reduction is off
# because it turns addresses with constant offsets, which are free in WebAssembly, into additions.
clang --target=wasm32 -std=c11 -O3 -msimd128 -mbulk-memory -ffreestanding -ffp-contract=off -nostdlib -mllvm -disable-lsr \
  -Wall -Wextra -Werror -Wl,--no-entry -Wl,--strip-all -Wl,--export=__heap_base -Wl,-z,stack-size=16384 \
  -o "$target" batch.c dense.c loss.c update.c
if [ "${1:-}" = "--check" ]; then
  if ! cmp "$target" kernel.wasm; then
    echo "build-kernel: trainer/kernel/kernel.wasm does not match the C files; run scripts/build-kernel.sh and commit it" >&2
    exit 1
  fi
  echo "build-kernel: kernel.wasm matches its source"
else
  echo "build-kernel: wrote trainer/kernel/kernel.wasm ($(wc -c <kernel.wasm) bytes)"
fi
