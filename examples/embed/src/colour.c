#include "colour.h"

colour colour_of(int steps) {
  if (steps == LIMIT) return (colour){0, 0, 0, 255};
  return (colour){20 + 2 * steps, 40 + steps, 90, 255};
}
