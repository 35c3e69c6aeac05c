/* cover.c -- a formula that is positive on a box, by adaptive subdivision. */
#include "ball.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BOXES = 1 << 18, HALVINGS = 60, BOX_BITS = 64 };

/* A stack of boxes; a box is n balls.  Its halves have radius r / 2 about
 * m -+ r / 2, numbers that Arb holds exactly, so that they cover it. */
typedef struct {
    slong n, size, room;
    arb_ptr boxes;
} stack;

static void push(stack *s, arb_srcptr box)
{
    if (s->size == s->room) {
        slong room = 2 * s->room + 64;
        arb_ptr more = _arb_vec_init(room * s->n);
        for (slong k = 0; k < s->size * s->n; k++)
            arb_swap(more + k, s->boxes + k);
        if (s->room)
            _arb_vec_clear(s->boxes, s->room * s->n);
        s->boxes = more;
        s->room = room;
    }
    _arb_vec_set(s->boxes + s->size++ * s->n, box, s->n);
}

/* Halve box on its widest side, relative to the sides of the whole; 0 when
 * that is narrower than 2^-HALVINGS. */
static int halve(stack *s, arb_ptr box, arb_srcptr whole)
{
    slong side = 0;
    double widest = ldexp(1, -HALVINGS);
    int found = 0;
    arf_t centre, step;
    for (slong k = 0; k < s->n; k++) { /* a choice: any would be right */
        double w = mag_get_d(arb_radref(box + k)) /
                   (mag_get_d(arb_radref(whole + k)) + 1e-300);
        if (w > widest) {
            widest = w;
            side = k;
            found = 1;
        }
    }
    if (!found)
        return 0;
    arf_init(centre);
    arf_init(step);
    arf_set(centre, arb_midref(box + side));
    mag_mul_2exp_si(arb_radref(box + side), arb_radref(box + side), -1);
    arf_set_mag(step, arb_radref(box + side));
    arf_sub(arb_midref(box + side), centre, step, ARF_PREC_EXACT, ARF_RND_DOWN);
    push(s, box);
    arf_add(arb_midref(box + side), centre, step, ARF_PREC_EXACT, ARF_RND_DOWN);
    push(s, box);
    arf_clear(step);
    arf_clear(centre);
    return 1;
}

/* "from,to from,to": balls that contain the sides. */
static void read_box(arb_ptr box, slong sides, const char *text)
{
    char *copy = own_text(text), *side = strtok(copy, " ");
    arb_t to;
    arb_init(to);
    for (slong k = 0; k < sides; k++, side = strtok(NULL, " ")) {
        char *comma = side ? strchr(side, ',') : NULL;
        if (!comma)
            abort(); /* fewer sides than variables */
        *comma = '\0';
        formula(box + k, side, "", NULL, BOX_BITS);
        formula(to, comma + 1, "", NULL, BOX_BITS);
        arb_union(box + k, box + k, to, BOX_BITS);
    }
    if (side)
        abort();
    arb_clear(to);
    free(copy);
}

/* The formula at a box, and broken; names have room for that. */
static void at_box(arb_t f, const cover *c, arb_srcptr box, slong n,
                   int control, slong bits)
{
    char names[128];
    arb_ptr values = _arb_vec_init(n + 1);
    if (snprintf(names, sizeof names, "%s broken", c->names) >= 128)
        abort();
    _arb_vec_set(values, box, n);
    arb_set_si(values + n, control);
    formula(f, c->formula, names, values, bits);
    _arb_vec_clear(values, n + 1);
}

static verdict covered(arb_t measured, const cover *c, stack *s,
                       arb_srcptr whole, int control, slong bits)
{
    int planted = strstr(c->formula, "broken") != NULL;
    verdict v = CERTIFIED;
    long parts = 0;
    arb_ptr box = _arb_vec_init(s->n);
    arb_t f;
    arb_init(f);
    while (s->size && v == CERTIFIED) {
        _arb_vec_set(box, s->boxes + --s->size * s->n, s->n);
        at_box(f, c, box, s->n, control, bits);
        verdict here = positive(f, control && !planted);
        parts++;
        if (here == REFUTED || parts >= BOXES ||
            (here == UNDECIDED && !halve(s, box, whole))) {
            arb_set(measured, f);
            v = here == CERTIFIED ? UNDECIDED : here;
        } else if (here == CERTIFIED) { /* the least lower bound so far */
            arb_get_lbound_arf(arb_midref(f), f, bits);
            mag_zero(arb_radref(f));
            if (!arb_is_finite(measured) || arb_lt(f, measured))
                arb_set(measured, f);
        }
    }
    remark(v == CERTIFIED ? " at least, over %ld boxes"
                          : " on a box, after %ld",
           parts);
    arb_clear(f);
    _arb_vec_clear(box, s->n);
    return v;
}

static verdict cover_holds(arb_t measured, const void *data, int control,
                           slong bits)
{
    const cover *c = data;
    stack s = {.n = count_names(c->names)};
    arb_ptr whole = _arb_vec_init(s.n);
    read_box(whole, s.n, c->box);
    push(&s, whole);
    verdict v = covered(measured, c, &s, whole, control, bits);
    _arb_vec_clear(s.boxes, s.room * s.n);
    _arb_vec_clear(whole, s.n);
    return v;
}

size_t prove_covers(const cover *table, size_t n)
{
    size_t certified = 0;
    for (; n--; table++)
        certified += prove_theorem(&table->claim, cover_holds, table, "> 0",
                                   "strict inequality") == CERTIFIED;
    return certified;
}
