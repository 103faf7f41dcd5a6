// The Mandelbrot set. Without a C library: all that is needed of one is a little memory.

#include "colour.h"

static colour pixels[512 * 512];

static int steps(double x, double y) {
  double a = 0, b = 0;
  for (int i = 0; i < LIMIT; i++) {
    double next = a * a - b * b + x;
    b = 2 * a * b + y;
    a = next;
    if (a * a + b * b > 4) return i;
  }
  return LIMIT;
}

// Gives the address of width × height pixels, at most 512 × 512: red, green, blue and opacity, a byte each.
__attribute__((export_name("draw"))) colour *draw(int width, int height) {
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      pixels[y * width + x] = colour_of(steps(3.0 * x / width - 2, 2.0 * y / height - 1));
  return pixels;
}
