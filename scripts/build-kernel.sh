#!/bin/sh
# Builds the kernels in C to WebAssembly (clang and wasm-ld 16, as in Debian 12): trainer/kernel/kernel.wasm, the same
# with relaxed SIMD as trainer/kernel/kernel-relaxed.wasm, and src/math/process/kernel-bytes.ts, which holds the bytes as
# text because src/math reads no files and runs in browsers.
# With --check, builds to a temporary folder and compares with the committed files, byte by byte.
set -eu
cd "$(dirname "$0")/.."
wanted=16
found=$(clang-$wanted -dumpversion 2>/dev/null | cut -d. -f1 || true)
if [ "$found" != "$wanted" ]; then
  echo "build-kernel: needs clang $wanted to reproduce the committed bytes (found: ${found:-none}); on Debian 12: apt-get install clang-$wanted lld-$wanted" >&2
  exit 2
fi
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
# No start-up code, no library; strict IEEE arithmetic (no contraction, no -ffast-math). Loop strength reduction is off
# because it turns addresses with constant offsets, which are free in WebAssembly, into additions.
compile() {
  clang-$wanted --target=wasm32 -std=c11 -msimd128 -mbulk-memory -ffreestanding -ffp-contract=off -nostdlib -mllvm -disable-lsr \
    -Wall -Wextra -Werror -Wl,--no-entry -Wl,--strip-all -Wl,--export=__heap_base "$@"
}
kernel=trainer/kernel
compile -O3 -Wl,-z,stack-size=16384 -o "$built/kernel.wasm" $kernel/*.c
compile -O3 -Wl,-z,stack-size=16384 -mrelaxed-simd -o "$built/kernel-relaxed.wasm" $kernel/*.c

# Browsers compile at most 4096 bytes at once on a page's main thread, hence no unrolling.
kernel=src/math/process/kernel
compile -O2 -fno-unroll-loops -fno-vectorize -fno-slp-vectorize -Wl,-z,stack-size=4096 \
  -o "$built/process.wasm" $kernel/covariance.c $kernel/factor.c
size=$(wc -c <"$built/process.wasm")
if [ "$size" -gt 4096 ]; then
  echo "build-kernel: the kernel of Gaussian processes has $size bytes; browsers take at most 4096 at once" >&2
  exit 1
fi
{
  echo "/** The kernel of Gaussian processes in base64, made from kernel/*.c by scripts/build-kernel.sh. */"
  echo "export const KERNEL_BYTES ="
  base64 -w 100 "$built/process.wasm" | sed 's/.*/  "&" +/; $s/ +$/;/'
} >"$built/kernel-bytes.ts"

if [ "${1:-}" != "--check" ]; then
  cp "$built/kernel.wasm" "$built/kernel-relaxed.wasm" trainer/kernel/
  cp "$built/kernel-bytes.ts" src/math/process/kernel-bytes.ts
  for file in trainer/kernel/kernel.wasm trainer/kernel/kernel-relaxed.wasm; do
    echo "build-kernel: wrote $file ($(wc -c <$file) bytes)"
  done
  echo "build-kernel: wrote src/math/process/kernel-bytes.ts ($size bytes of WebAssembly)"
  exit
fi
for file in trainer/kernel/kernel.wasm trainer/kernel/kernel-relaxed.wasm src/math/process/kernel-bytes.ts; do
  if ! cmp "$built/$(basename $file)" "$file"; then
    echo "build-kernel: $file does not match the C files; run scripts/build-kernel.sh and commit it" >&2
    exit 1
  fi
done
echo "build-kernel: kernel.wasm, kernel-relaxed.wasm and kernel-bytes.ts match their sources"
