/* choices.c -- drawing, and making smaller. */
#include "choices.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jf.h"

uint64_t choose(choices *c, uint64_t bound)
{
    if (c->count == c->room) {
        c->room = 2 * c->room + 64;
        c->value = realloc(c->value, c->room * sizeof *c->value);
        if (!c->value)
            abort();
    }
    if (c->count >= c->given) {
        uint64_t drawn = 0;
        for (int k = 0; c->rng && k < 2; k++)
            drawn = drawn << 32 | gsl_rng_uniform_int(c->rng, 1ul << 32);
        c->value[c->count] = drawn;
    }
    uint64_t v = c->value[c->count];
    if (bound)
        v %= bound;
    c->value[c->count++] = v;
    return v;
}

double choose_double(choices *c, int finite)
{
    static const double ends[] = {0x1p-1074,        0x1p-1022,  0x1p-53,
                                  0x1p53,           0x1p511,    0x1p1022,
                                  (double)INFINITY, (double)NAN};
    enum { ENDS = sizeof ends / sizeof *ends };
    double v = 0;
    switch (choose(c, 5)) {
    case 0:
        v = (double)choose(c, 10);
        break;
    case 1:
        v = ldexp((double)choose(c, 1 << 20), -20);
        break;
    case 2:
        v = ends[choose(c, finite ? ENDS - 2 : ENDS)];
        break;
    case 3: /* near a range that is used */
        v = ldexp(1 + ldexp((double)choose(c, 1ull << 52), -52),
                  (int)choose(c, 24) - 12);
        break;
    default:
        v = ldexp(1 + ldexp((double)choose(c, 1ull << 52), -52),
                  (int)choose(c, 2046) - 1022);
    }
    return choose(c, 2) ? -v : v;
}

static int holds(property *p, choices *c, int loud)
{
    c->count = 0;
    return p(c, loud);
}

/* Whether the case of these choices fails as well; then it is taken. */
static int still_fails(property *p, choices *c, const uint64_t *value,
                       size_t count)
{
    choices next = {0};
    next.value = malloc((count + 1) * sizeof *next.value);
    if (!next.value)
        abort();
    memcpy(next.value, value, count * sizeof *value);
    next.room = count + 1;
    next.given = count;
    int fails = !holds(p, &next, 0);
    if (fails) {
        free(c->value);
        *c = next;
        c->count = c->count < count ? c->count : count;
    } else {
        free(next.value);
    }
    return fails;
}

/* Leave out choices, in blocks of so many. */
static int leave_out(property *p, choices *c, size_t block)
{
    int smaller = 0;
    for (size_t at = 0; at + block <= c->count;) {
        size_t rest = c->count - at - block;
        uint64_t *value = malloc((at + rest + 1) * sizeof *value);
        if (!value)
            abort();
        memcpy(value, c->value, at * sizeof *value);
        memcpy(value + at, c->value + at + block, rest * sizeof *value);
        int less = still_fails(p, c, value, at + rest);
        free(value);
        smaller |= less;
        at += !less;
    }
    return smaller;
}

/* Make single choices smaller: 0, or a part of what they are. */
static int lower(property *p, choices *c)
{
    int smaller = 0;
    for (size_t at = 0; at < c->count; at++)
        for (unsigned shift = 63; at < c->count && shift > 0; shift--) {
            uint64_t old = c->value[at], less = old - (old >> (63 - shift));
            if (less == old)
                break;
            uint64_t *value = malloc(c->count * sizeof *value);
            if (!value)
                abort();
            memcpy(value, c->value, c->count * sizeof *value);
            value[at] = less;
            smaller |= still_fails(p, c, value, c->count);
            free(value);
        }
    return smaller;
}

static void shrink(property *p, choices *c)
{
    enum { ROUNDS = 8 };
    int smaller = 1;
    for (int k = 0; k < ROUNDS && smaller; k++) {
        smaller = 0;
        for (size_t block = 16; block > 0; block /= 2)
            smaller |= leave_out(p, c, block);
        smaller |= lower(p, c);
    }
}

unsigned long check_property(const property_row *p, uint64_t number,
                             uint64_t seed, unsigned long cases)
{
    gsl_rng *rng = jf_stream_new();
    unsigned long failed = 0;
    for (unsigned long k = 0; k < cases && !failed; k++) {
        choices c = {.rng = rng};
        jf_stream_seek(rng, seed, JF_PURPOSE_USER, number, k);
        if (!holds(p->holds, &c, 0)) {
            failed = 1;
            c.given = c.count;
            c.rng = NULL;
            shrink(p->holds, &c);
            fprintf(stderr,
                    "%s: case %lu of seed %" PRIu64 ", made smaller:", p->name,
                    k, seed);
            for (size_t i = 0; i < c.count; i++)
                fprintf(stderr, " %" PRIu64, c.value[i]);
            fputc('\n', stderr);
            c.given = c.count;
            holds(p->holds, &c, 1);
        }
        free(c.value);
    }
    gsl_rng_free(rng);
    return failed;
}
