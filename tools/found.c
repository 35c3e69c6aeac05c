/* found.c -- from rows to claims, theorems and words. */
#include "found.h"

#include <stdlib.h>
#include <string.h>

const char *const state_names[STATES] = {"holds", "fails", "open", "no rows"};

/* Taken literally, to be refuted. */
static int is_wording(const verdict_row *row)
{
    for (const claim_part *p = claim_parts; p->id; p++)
        if (p->wording && strcmp(row->field[ROW_ID], p->id) == 0)
            return 1;
    return strcmp(row->field[ROW_KIND], "wording") == 0;
}

claim_state state_of(const verdict_rows *list, const claim *c)
{
    claim_state state = NO_ROW;
    for (size_t i = 0; i < list->count; i++) {
        const verdict_row *row = &list->rows[i];
        if (!is_of(row->field[ROW_ID], c->id))
            continue;
        int wanted = is_wording(row) ? row->verdict == REFUTED
                                     : is_as_stated(row->verdict);
        if (row->verdict != UNDECIDED && !wanted)
            return FAILS;
        if (!wanted)
            state = OPEN;
        else if (state == NO_ROW)
            state = HOLDS;
    }
    return state;
}

/* Whether row i is the first of its program and kind, and all of these are as
 * stated. */
static int proves(const verdict_rows *list, size_t i, const char *kind)
{
    const char *program = list->rows[i].field[ROW_PROGRAM];
    for (size_t k = 0; k < list->count; k++) {
        const verdict_row *row = &list->rows[k];
        if (strcmp(row->field[ROW_PROGRAM], program) != 0 ||
            strcmp(row->field[ROW_KIND], kind) != 0)
            continue;
        if (k < i || !is_as_stated(row->verdict))
            return 0;
    }
    return strcmp(list->rows[i].field[ROW_KIND], kind) == 0;
}

static int has_kind(const verdict_rows *list, const char *program,
                    const char *kind)
{
    for (size_t k = 0; k < list->count; k++)
        if (strcmp(list->rows[k].field[ROW_PROGRAM], program) == 0 &&
            strcmp(list->rows[k].field[ROW_KIND], kind) == 0)
            return 1;
    return 0;
}

totals totals_of(const verdict_rows *list)
{
    totals t = {.rows = list->count};
    for (size_t i = 0; i < list->count; i++) {
        if (!list->rows[i].proof)
            continue;
        t.theorems += (size_t)proves(list, i, "theorem");
        t.floats += (size_t)proves(list, i, "measurement");
        t.examples +=
            proves(list, i, "example") &&
            !has_kind(list, list->rows[i].field[ROW_PROGRAM], "theorem");
    }
    for (const claim *c = all_claims; c->id; c++)
        t.claims[state_of(list, c)]++;
    return t;
}

void add_states(jf_text *b, const size_t claims[STATES])
{
    size_t all = claims[HOLDS] + claims[FAILS] + claims[OPEN];
    jf_text_add(b, "of %zu claim%s %zu %s", all, all == 1 ? "" : "s",
                claims[HOLDS], claims[HOLDS] == 1 ? "holds" : "hold");
    if (claims[FAILS] > 0)
        jf_text_add(b, ", %zu %s", claims[FAILS],
                    claims[FAILS] == 1 ? "fails" : "fail");
    if (claims[OPEN] > 0)
        jf_text_add(b, ", %zu %s open", claims[OPEN],
                    claims[OPEN] == 1 ? "is" : "are");
}

void add_totals(jf_text *b, const totals *t)
{
    jf_text_add(b,
                "%zu theorem%s certified; exact examples certified in %zu more "
                "program%s; rounding of floats measured in %zu; ",
                t->theorems, t->theorems == 1 ? "" : "s", t->examples,
                t->examples == 1 ? "" : "s", t->floats);
    add_states(b, t->claims);
    jf_text_add(b, "; %zu row%s of evidence", t->rows, t->rows == 1 ? "" : "s");
}

int is_named(const verdict_row *row, const row_reference *r)
{
    return strcmp(row->field[ROW_ID], r->id) == 0 &&
           strncmp(row->field[ROW_STATEMENT], r->begin, r->length) == 0;
}

/* Rows of a list by their verdicts; a reference without any is undecided. */
typedef struct {
    size_t stated, refuted, undecided;
} findings;

static void say_open(jf_text *open, const row_reference *r, const char *why)
{
    jf_text_add(open, "%s%s", open->length > 0 ? "; " : "", r->id);
    if (r->length > 0)
        jf_text_add(open, " (%.*s)", (int)r->length, r->begin);
    jf_text_add(open, ": %s", why);
}

static findings look_up(const verdict_rows *list, const char *names,
                        jf_text *open)
{
    findings f = {0};
    row_reference r;
    while (next_reference(&names, &r)) {
        size_t rows = 0, undecided = 0;
        const char *why = "undecided";
        for (size_t i = 0; i < list->count; i++) {
            const verdict_row *row = &list->rows[i];
            if (!is_named(row, &r))
                continue;
            rows++;
            f.refuted += row->verdict == REFUTED;
            f.stated += (size_t)is_as_stated(row->verdict);
            undecided += row->verdict == UNDECIDED;
            why = not_run(row) ? row->field[ROW_METHOD] : why;
        }
        f.undecided += undecided + (rows == 0);
        if (rows == 0 || undecided > 0)
            say_open(open, &r, rows == 0 ? "no such row" : why);
    }
    return f;
}

/* Of a list whose rows are divided: those that are not as most lists want. */
static void say_divided(const verdict_rows *list, const char *names,
                        int is_literal, jf_text *open)
{
    row_reference r;
    while (next_reference(&names, &r))
        for (size_t i = 0; i < list->count; i++) {
            const verdict_row *row = &list->rows[i];
            if (is_named(row, &r) && row->verdict != UNDECIDED &&
                is_as_stated(row->verdict) == is_literal)
                say_open(open, &r, verdict_names[row->verdict]);
        }
}

const char *abstract_word(const verdict_rows *list, const claim_abstract *a,
                          jf_text *open)
{
    findings support = look_up(list, a->support, open);
    findings literal = look_up(list, a->literal, open);
    findings limits = look_up(list, a->limits, open);
    int literal_divided = literal.stated > 0 && literal.refuted > 0;
    int limits_divided = limits.stated > 0 && limits.refuted > 0;
    if (literal_divided)
        say_divided(list, a->literal, 1, open);
    if (limits_divided)
        say_divided(list, a->limits, 0, open);
    if (support.refuted > 0)
        return "false";
    if (support.undecided + literal.undecided + limits.undecided > 0 ||
        literal_divided || limits_divided)
        return "open in this run";
    if (literal.refuted > 0)
        return "false as worded";
    return limits.stated > 0 ? "true under hypotheses" : "true";
}
