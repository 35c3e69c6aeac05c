/* flow_text.h -- the description in a parameter file, word by word.
 *
 * What is not as expected is one line on stderr, with its place, and exit
 * status 2.  Only the files of flow_file.h include this. */
#ifndef FLOW_TEXT_H
#define FLOW_TEXT_H

#include <stddef.h>

#include "flow_file.h"

enum { WORD = 32, CONSTANT_BITS = 256 };

typedef struct {
    const char *path, *text, *at;
    const double *theta; /* what is left */
    size_t left;
    int depth, layers;
    slong positions; /* of a layer that stands in shared; else 1 */
} parser;

_Noreturn void text_expected(const parser *p, const char *what);
/* Whether the next sign is this; demand it; a name of at most WORD - 1. */
int text_sees(parser *p, char sign);
void text_sign(parser *p, char sign);
void text_word(parser *p, char *out);
/* "key=", behind a comma unless it is the first; and what may follow it. */
void text_key(parser *p, const char *name);
double text_number(parser *p);
double text_decimal(parser *p, const char *name);
slong text_size(parser *p, const char *name, slong least, slong most);
slong text_choice(parser *p, const char *name, const char *const *names);

/* The next n numbers of theta, as they are and as balls. */
const double *text_parameters(parser *p, slong n);
arb_ptr text_doubles(parser *p, slong n);
void text_set(arb_ptr x, const double *from, slong n);

/* Whether name is such a layer, read behind its d. */
int read_linear(parser *p, flow_layer *l, const char *name);
void read_plu(parser *p, flow_layer *l);
int read_diagonal(parser *p, flow_layer *l, const char *name);
int read_permutation(parser *p, flow_layer *l, const char *name);
/* permutation(from=), and those of images, behind their bracket: d follows. */
void read_order(parser *p, flow_layer *l);
int read_image_order(parser *p, flow_layer *l, const char *name);
/* A net in braces, of so many columns and positions; "map=". */
void read_net(parser *p, flow_layer *l, slong in, slong out, slong positions);
void read_map(parser *p, flow_map *m);

#endif
