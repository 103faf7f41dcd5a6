enum { LIMIT = 100 };

typedef struct {
  unsigned char red, green, blue, opacity;
} colour;

// The colour of a point that left the circle after so many steps.
colour colour_of(int steps);
