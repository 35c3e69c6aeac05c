/* choices.h -- random cases that become smaller when they fail.
 *
 * A case is made by choices, whole numbers below a bound; the first of them
 * mean the simplest.  They are drawn from the counter-based stream (seed,
 * JF_PURPOSE_USER, property, case), so that a case is known by its numbers.
 * When a property does not hold, choices are left out and made smaller as long
 * as it still does not. */
#ifndef CHOICES_H
#define CHOICES_H

#include <stdint.h>

#include <gsl/gsl_rng.h>

typedef struct {
    uint64_t *value; /* (count) that were made */
    size_t count, room;
    size_t given; /* of those, set beforehand; later ones are 0 */
    gsl_rng *rng; /* NULL: none is drawn */
} choices;

/* A whole number below bound (0: any of 64 bits). */
uint64_t choose(choices *c, uint64_t bound);

/* A double of any size: often 0, a small whole number, one of the ends of the
 * range; else of any exponent.  finite: neither NaN nor infinite. */
double choose_double(choices *c, int finite);

/* Whether it holds for the case; loud: say why not. */
typedef int property(choices *c, int loud);

typedef struct {
    const char *name;
    property *holds;
    unsigned long share; /* of so many cases */
} property_row;

/* So many cases of a property; returns how many do not hold: of the first one
 * the smallest that was found is said on stderr, and no more are tried. */
unsigned long check_property(const property_row *p, uint64_t number,
                             uint64_t seed, unsigned long cases);

#endif
