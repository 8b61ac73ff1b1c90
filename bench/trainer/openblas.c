/*
 * The training steps of bench/trainer.mjs with OpenBLAS, single precision: for each line with a number on standard input
 * does as many iterations and prints the processor seconds that they took and the mean loss of the last 64. First the
 * pixels (a byte each) and then the labels of the batches come from the file that is the first argument.
 *
 *   cc -O3 -march=native -o openblas bench/trainer/openblas.c -lopenblas -lm
 */
#include <cblas.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BATCH 32
#define BATCHES 64
#define LAYERS 3
#define WINDOW 64
static const int widths[LAYERS + 1] = {784, 128, 64, 10};
static const float rate = 0.01f, momentum = 0.9f;

static float *weights[LAYERS], *bias[LAYERS], *velocity[LAYERS], *bias_velocity[LAYERS], *gradient[LAYERS];
static float *values[LAYERS + 1], *deltas[LAYERS + 1], *inputs[BATCHES], losses[WINDOW];
static uint8_t labels[BATCHES * BATCH];

static float *floats(size_t count) {
  float *made = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
  if (made == NULL) exit(1);
  for (size_t i = 0; i < count; i++) made[i] = 0.0f;
  return made;
}

static void momentum_step(float *w, float *v, const float *g, int count) {
  for (int i = 0; i < count; i++) {
    v[i] = momentum * v[i] - rate * g[i];
    w[i] += v[i];
  }
}

static float iterate(int batch) {
  values[0] = inputs[batch];
  for (int l = 0; l < LAYERS; l++) {
    const int in = widths[l], out = widths[l + 1];
    for (int r = 0; r < BATCH; r++)
      for (int o = 0; o < out; o++) values[l + 1][r * out + o] = bias[l][o];
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, BATCH, out, in, 1.0f, values[l], in, weights[l], out, 1.0f,
                values[l + 1], out);
    if (l < LAYERS - 1)
      for (int i = 0; i < BATCH * out; i++) values[l + 1][i] = values[l + 1][i] > 0.0f ? values[l + 1][i] : 0.0f;
  }
  const int classes = widths[LAYERS];
  float loss = 0.0f;
  for (int r = 0; r < BATCH; r++) {
    const float *z = values[LAYERS] + r * classes;
    float *d = deltas[LAYERS] + r * classes;
    float most = z[0], sum = 0.0f;
    for (int c = 1; c < classes; c++) most = z[c] > most ? z[c] : most;
    for (int c = 0; c < classes; c++) sum += d[c] = expf(z[c] - most);
    const int label = labels[batch * BATCH + r];
    loss += logf(sum) - (z[label] - most);
    for (int c = 0; c < classes; c++) d[c] = (d[c] / sum - (c == label ? 1.0f : 0.0f)) / BATCH;
  }
  for (int l = LAYERS - 1; l >= 0; l--) {
    const int in = widths[l], out = widths[l + 1];
    if (l > 0) {
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, BATCH, in, out, 1.0f, deltas[l + 1], out, weights[l], out,
                  0.0f, deltas[l], in);
      for (int i = 0; i < BATCH * in; i++) deltas[l][i] = values[l][i] > 0.0f ? deltas[l][i] : 0.0f;
    }
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, in, out, BATCH, 1.0f, values[l], in, deltas[l + 1], out, 0.0f,
                gradient[l], out);
    momentum_step(weights[l], velocity[l], gradient[l], in * out);
    for (int o = 0; o < out; o++) {
      float sum = 0.0f;
      for (int r = 0; r < BATCH; r++) sum += deltas[l + 1][r * out + o];
      momentum_step(bias[l] + o, bias_velocity[l] + o, &sum, 1);
    }
  }
  return loss / BATCH;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(int count, char **arguments) {
  FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
  if (file == NULL) {
    fprintf(stderr, "openblas: give the file of the batches\n");
    return 2;
  }
  static uint8_t pixels[BATCH * 784];
  for (int b = 0; b < BATCHES; b++) {
    if (fread(pixels, 1, sizeof pixels, file) != sizeof pixels) return 2;
    inputs[b] = floats(sizeof pixels);
    for (size_t i = 0; i < sizeof pixels; i++) inputs[b][i] = (float)pixels[i] / 255.0f;
  }
  if (fread(labels, 1, sizeof labels, file) != sizeof labels) return 2;
  fclose(file);
  uint32_t state = 1;
  for (int l = 0; l < LAYERS; l++) {
    const int in = widths[l], out = widths[l + 1];
    weights[l] = floats((size_t)in * out);
    velocity[l] = floats((size_t)in * out);
    gradient[l] = floats((size_t)in * out);
    bias[l] = floats(out);
    bias_velocity[l] = floats(out);
    values[l + 1] = floats((size_t)BATCH * out);
    deltas[l + 1] = floats((size_t)BATCH * out);
    const float bound = sqrtf(6.0f / (float)in);
    for (int i = 0; i < in * out; i++) {
      state = state * 1664525u + 1013904223u;
      weights[l][i] = (float)(2.0 * (state / 4294967296.0) - 1.0) * bound;
    }
  }
  fprintf(stderr, "%s\n", openblas_get_corename());
  long done = 0;
  int wanted;
  while (scanf("%d", &wanted) == 1) {
    const double start = seconds();
    for (int i = 0; i < wanted; i++, done++) losses[done % WINDOW] = iterate((int)(done % BATCHES));
    const double spent = seconds() - start;
    float sum = 0.0f;
    for (int i = 0; i < WINDOW; i++) sum += losses[i];
    printf("%.9f %.6f\n", spent, sum / WINDOW);
    fflush(stdout);
  }
  return 0;
}
