/* clones.c -- see clones.h. */
#include "base/clones.h"

int jf_vector_bytes = 64;
